const copied = [
  "boxSizing", "width", "fontFamily", "fontSize", "fontWeight", "fontStyle", "lineHeight", "letterSpacing", "tabSize",
  "paddingTop", "paddingRight", "paddingBottom", "paddingLeft",
  "borderTopWidth", "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "direction",
];

// caretTop returns the vertical position just below the line of the field's caret, in CSS pixels relative to the
// field's offset parent. Browsers do not provide it for text fields, so this lays out a copy of the text.
export function caretTop(field) {
  const style = getComputedStyle(field);
  const copy = document.createElement("div");
  for (const name of copied) copy.style[name] = style[name];
  Object.assign(copy.style, {
    position: "absolute",
    visibility: "hidden",
    whiteSpace: "pre-wrap",
    overflowWrap: "break-word",
    borderStyle: "solid",
  });
  copy.textContent = field.value.slice(0, field.selectionStart);
  const caret = document.createElement("span");
  caret.textContent = "\u200b";
  copy.append(caret);
  document.body.append(copy);
  const below = caret.offsetTop + caret.offsetHeight;
  copy.remove();
  return field.offsetTop + Math.min(below - field.scrollTop, field.offsetHeight) + 2;
}
