// insert replaces a part of a field's text as if the new text were typed, so that the browser's undo works.
export function insert(field, from, to, text) {
  field.focus();
  if (from === to && !text) return;
  field.setSelectionRange(0, 0); // what was typed before is undone by itself
  field.setSelectionRange(from, to);
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
