import { parse } from "./answer.js";
import { showEntry } from "./frame.js";

const debounce = 300; // ms after the last key
const empty = "The preview appears here while you write.";
const older = "The preview shows the text as it was before.";
const away = "The preview is not available at the moment.";
const large = "The text is too long to be shown.";

// startPreview keeps the preview up to date with the form, and shows at each field why it would be refused.
export function startPreview(form, fields) {
  const pane = form.querySelector("[data-preview-pane]");
  const frame = pane.querySelector("[data-entry-frame]");
  const note = pane.querySelector("[data-preview-note]");
  const choices = form.querySelector("#mark-choices");
  const notes = pane.querySelector("#preview-notes");
  let shown = ""; // the entry’s HTML
  let timer, request;

  async function update() {
    clearTimeout(timer);
    request?.abort();
    const mine = (request = new AbortController());
    if (!["body", "headline", "acts"].some((name) => form.elements[name].value.trim())) return clear();
    try {
      const response = await fetch(form.dataset.preview, {
        method: "POST", body: new URLSearchParams(fields()), signal: mine.signal,
      });
      const page = parse(await response.text());
      if (mine.signal.aborted) return;
      if (response.ok) show(page);
      else say(response.status === 413 ? large : away);
    } catch {
      if (!mine.signal.aborted) say(away);
    }
  }

  function show(page) {
    const fresh = page.getElementById("preview-notes");
    if (notes.innerHTML !== fresh.innerHTML) notes.replaceChildren(...document.adoptNode(fresh).childNodes);
    markFields(page);
    // Choices stay as they are, with their focus, as long as they are about the same entries.
    const asked = page.getElementById("mark-choices");
    if (about(choices) !== about(asked)) choices.replaceChildren(...document.adoptNode(asked).childNodes);
    const entry = page.getElementById("preview-entry");
    say(entry || !shown ? "" : older);
    if (!entry || entry.innerHTML === shown) return;
    shown = entry.innerHTML;
    frame.hidden = false;
    showEntry(frame, entry.firstElementChild);
  }

  const about = (place) => [...place.querySelectorAll("input")].map(({ name, value }) => name + value).join();

  // markFields takes over what is wrong with each field.
  function markFields(page) {
    for (const problem of form.querySelectorAll(".field-problem")) {
      const fresh = page.getElementById(problem.id);
      if (!fresh) continue;
      if (problem.textContent !== fresh.textContent) problem.textContent = fresh.textContent;
      const field = form.querySelector(`#${problem.id.replace(/-problem$/, "")}`);
      if (fresh.textContent) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  // say shows a line above the entry, which stays as it is.
  function say(text) {
    if (note.textContent !== text) note.textContent = text;
  }

  function clear() {
    clearTimeout(timer);
    request?.abort();
    shown = "";
    frame.hidden = true;
    notes.replaceChildren();
    choices.replaceChildren();
    say(empty);
  }

  pane.hidden = false;
  frame.hidden = true;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, debounce);
  });
  update();
  return { update, clear };
}
