const copied = ["boxSizing", "width", "fontFamily", "fontSize", "fontWeight", "fontStyle", "lineHeight", "letterSpacing", "tabSize",
  "paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "borderTopWidth", "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "direction"];

// caretTop returns where below the top of the field's box the line after the caret's begins, in CSS pixels of whatever the
// field is positioned in. A text field does not tell, so its text is laid out once more.
export function caretTop(field) {
  const style = getComputedStyle(field);
  const copy = document.createElement("div");
  for (const name of copied) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", borderStyle: "solid" });
  copy.textContent = field.value.slice(0, field.selectionStart);
  const caret = document.createElement("span");
  caret.textContent = "\u200b";
  copy.append(caret);
  document.body.append(copy);
  const below = caret.offsetTop + caret.offsetHeight;
  copy.remove();
  return field.offsetTop + Math.min(below - field.scrollTop, field.offsetHeight) + 2;
}
