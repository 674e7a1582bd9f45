// Without this script the desk works by plain forms. The script sends the composer in the background, so that the
// page and the text stay as they are when the network or the server fails, and it updates the preview while the
// editor types.
import { fitFrames } from "./desk/frame.js";
import { guardForms } from "./desk/guard.js";
import { startComposer } from "./desk/composer.js";
import { keepAll } from "./desk/keep.js";
import { startLogout } from "./desk/logout.js";

// A browser may show a page again that it had put aside, also after its user has logged out.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.documentElement.hidden = true;
  location.reload();
});

fitFrames(document.querySelectorAll("[data-entry-frame]"));
guardForms(document.querySelectorAll("form[data-guard]"));
const composer = document.querySelector("form[data-composer]");
const copies = composer ? startComposer(composer) : null;
const logout = document.querySelector("form.logout");
if (logout) {
  startLogout(logout, copies?.flush);
  // What an earlier page could not send is sent now.
  Promise.resolve(copies?.ready).then(() => keepAll(logout.dataset.user, logout.elements.csrf.value, false));
}
document.querySelector(".problem")?.focus();
