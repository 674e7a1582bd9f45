// startGrowing makes a text field as high as its text in browsers whose style sheets cannot. The style sheet limits it to
// the window. It returns a function that measures the text again.
export function startGrowing(field) {
  if (CSS.supports("field-sizing", "content")) return () => {};
  const grow = () => {
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  };
  field.addEventListener("input", grow);
  grow();
  return grow;
}
