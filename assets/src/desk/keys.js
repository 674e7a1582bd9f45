// pressed reports whether a letter is pressed with Ctrl or ⌘. On keyboards without Latin letters the letter is that of the
// key's place.
export function pressed(event, letter) {
  if (event.ctrlKey === event.metaKey) return false;
  const key = event.key.toLowerCase();
  return key === letter || !/^[ -~]$/.test(key) && event.code === `Key${letter.toUpperCase()}`;
}
