// focusFirst puts the caret into the headline, except where that would open a keyboard over the page.
export function focusFirst(form) {
  if (!matchMedia("(pointer: coarse)").matches) form.elements.headline.focus();
}

// arrive does so on a page that has just been opened, unless something else has the focus or the address names a place.
export function arrive(form) {
  if (document.activeElement === document.body && !location.hash && !form.hasAttribute("data-typed")) focusFirst(form);
}
