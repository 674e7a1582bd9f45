import { composing } from "./composition.js";
import { pressed } from "./keys.js";

// startShortcuts opens the list of shortcuts, and marks the entry as a key event, by key.
export function startShortcuts(form) {
  const list = document.querySelector("dialog[data-shortcuts]");
  const mark = form.elements.key_event;
  const progress = form.querySelector("[data-progress]");
  const open = () => list.open || list.showModal();

  form.querySelector("[data-open-shortcuts]").addEventListener("click", open);
  list.addEventListener("click", ({ target }) => target === list && list.close()); // beside its content

  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.altKey || event.repeat) return;
    const { ctrlKey, metaKey, shiftKey, key, target } = event;
    const asks = ctrlKey || metaKey ? "/?".includes(key) : key === "?" && !target.matches("input, textarea, select");
    if (asks) {
      event.preventDefault();
      open();
    } else if (shiftKey && pressed(event, "k") && !list.open) {
      event.preventDefault();
      mark.click();
      progress.textContent = mark.checked ? "Marked as a key event." : "No longer marked as a key event.";
    }
  });
}
