// Without this script the desk works by plain forms. The script sends the composer in the background, so that the
// page and the text stay as they are when the network or the server fails, and it updates the preview while the
// editor types.
import { fitFrames } from "./desk/frame.js";
import { guardForms } from "./desk/guard.js";
import { startComposer } from "./desk/composer.js";

fitFrames(document.querySelectorAll("[data-entry-frame]"));
guardForms(document.querySelectorAll("form[data-guard]"));
const composer = document.querySelector("form[data-composer]");
if (composer) startComposer(composer);
document.querySelector(".problem")?.focus();
