// The desk without a script is a set of forms. This script sends the composer in the background, so that a dead
// network or server leaves the page and the text as they are, and renders the preview while the editor types.
import { guardForms } from "./desk/guard.js";
import { startComposer } from "./desk/composer.js";

guardForms(document.querySelectorAll("form[data-guard]"));
const composer = document.querySelector("form[data-composer]");
if (composer) startComposer(composer);
document.querySelector(".problem")?.focus();
