import { arrive, focusFirst } from "./arrival.js";
import { startGrowing } from "./growing.js";
import { startLimits } from "./limits.js";
import { followKeyboard } from "./onscreen.js";
import { startShortcuts } from "./shortcuts.js";
import { startToolbar } from "./toolbar.js";

// startWriting adds to the form what makes writing easy. Update is to be called when fields have changed without an input
// event, and begin when the form is for a new entry.
export function startWriting(form) {
  startToolbar(form);
  startShortcuts(form);
  followKeyboard(form);
  const count = startLimits(form);
  const grow = startGrowing(form.elements.body);
  arrive(form);
  function update() {
    count();
    grow();
  }
  function begin() {
    update();
    focusFirst(form);
  }
  return { update, begin };
}
