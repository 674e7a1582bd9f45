import { keepAll } from "./keep.js";
import * as local from "./local.js";

// startLogout saves what this browser has of the user's working copies before it logs out, and forgets it here. Flush
// writes what was typed in the last moment.
export function startLogout(form, flush) {
  const { user } = form.dataset;
  form.addEventListener("submit", async (event) => {
    flush?.();
    if (local.records(user).length === 0) return forget();
    event.preventDefault();
    const question = "What you have typed could not be saved on the server. Log out and lose it?";
    if (!await keepAll(user, form.elements.csrf.value, true) && !confirm(question)) return;
    forget();
    form.submit();
  });

  function forget() {
    local.close();
    for (const { id } of local.records(user)) local.drop(user, id);
    sessionStorage.clear();
  }
}
