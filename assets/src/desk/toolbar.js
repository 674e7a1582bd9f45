import { composing } from "./composition.js";
import { linked, marked, prefixed } from "./format.js";
import { insert } from "./insert.js";
import { pressed } from "./keys.js";

const edits = {
  bold: (...at) => marked(...at, "**"),
  italic: (...at) => marked(...at, "*"),
  link: linked,
  list: (...at) => prefixed(...at, "- "),
  quote: (...at) => prefixed(...at, "> "),
};
const keys = { b: "bold", i: "italic", k: "link" };

// startToolbar formats the text with the toolbar's buttons and with Ctrl or ⌘ and B, I or K. The Tab key reaches the
// toolbar once; the arrow keys move in it.
export function startToolbar(form) {
  const { body } = form.elements;
  const bar = form.querySelector("[data-toolbar]");
  const buttons = [...bar.querySelectorAll("button")];
  bar.hidden = false;

  function format(name) {
    if (body.readOnly) return;
    const { from, to, text, selected } = edits[name](body.value, body.selectionStart, body.selectionEnd);
    insert(body, from, to, text);
    body.setSelectionRange(...selected);
  }

  bar.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  bar.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-format]");
    if (button) format(button.dataset.format);
  });

  function move(to) {
    for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
    to.focus();
  }
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const count = buttons.length;
    const next = { ArrowRight: (at + 1) % count, ArrowLeft: (at + count - 1) % count, Home: 0, End: count - 1 };
    if (at < 0 || !(event.key in next)) return;
    event.preventDefault();
    move(buttons[next[event.key]]);
  });

  body.addEventListener("keydown", (event) => {
    if (composing(event) || event.shiftKey || event.altKey) return;
    for (const [key, name] of Object.entries(keys)) {
      if (!pressed(event, key)) continue;
      event.preventDefault();
      format(name);
    }
  });
}
