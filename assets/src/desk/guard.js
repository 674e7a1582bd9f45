// unsaved makes the browser ask before the page is left while dirty returns true.
export function unsaved(dirty) {
  addEventListener("beforeunload", (event) => {
    if (dirty()) event.preventDefault();
  });
}

// guardForms does so for ordinary forms, from the first change until they are submitted.
export function guardForms(forms) {
  for (const form of forms) {
    let dirty = form.hasAttribute("data-typed");
    form.addEventListener("input", () => (dirty = true));
    form.addEventListener("submit", () => (dirty = false));
    unsaved(() => dirty);
  }
}
