// unsaved asks before the page is left while a form holds what is not saved.
export function unsaved(dirty) {
  addEventListener("beforeunload", (event) => {
    if (dirty()) event.preventDefault();
  });
}

// guardForms guards ordinary forms until they are sent.
export function guardForms(forms) {
  for (const form of forms) {
    let dirty = form.hasAttribute("data-typed");
    form.addEventListener("input", () => (dirty = true));
    form.addEventListener("submit", () => (dirty = false));
    unsaved(() => dirty);
  }
}
