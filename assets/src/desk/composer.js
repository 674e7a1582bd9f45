import { adopt, freshToken, send } from "./answer.js";
import { composing } from "./composition.js";
import { startCopies } from "./copies.js";
import { unsaved } from "./guard.js";
import { startLight } from "./light.js";
import { startPaste } from "./paste.js";
import { startPicker } from "./picker.js";
import { startPreview } from "./preview.js";
import { startQueue } from "./queue.js";
import { startSettling } from "./settle.js";
import { startWriting } from "./writing.js";

const working = { publish: "Publishing …", draft: "Saving the draft …" };
const typedNames = ["headline", "body", "acts", "key_event", "pinned", "summary", "corrects", "correction"];
const hiddenNames = ["key", "base", "origin"];

// startComposer sends an entry's form in the background. The editor's text stays in the form until the server has
// confirmed that it is saved, whatever else the answer is and even if there is none. It returns what keeps the text: see
// startCopies. Its promise ready is fulfilled when a text from before is back in the form.
export function startComposer(form) {
  const { headline, body, acts, correction } = form.elements;
  const failure = form.querySelector("[data-failure]");
  const progress = form.querySelector("[data-progress]");
  const fields = () => [...new FormData(form)];
  const typed = () => JSON.stringify(fields().filter(([name]) => typedNames.includes(name)));
  const preview = startPreview(form, fields);
  const picker = startPicker(form.querySelectorAll("[data-picker]"), form.dataset.picks);
  startPaste(form);
  const writing = startWriting(form);
  const readPassages = startSettling(form);
  readPassages();

  const edits = Boolean(form.elements.base);
  let busy = false;
  let loggedOut = false;
  const copies = startCopies(form, { typed, fill, restored, renew });
  const queue = startQueue(failure, { save, hold, remember: copies.queue });
  const check = startLight(form.querySelector("[data-light]"), form.dataset.user, (state) => {
    loggedOut ||= state === "out";
    if (state !== "connected") return;
    queue.send();
    copies.retry();
  });
  unsaved(() => !copies.safe());
  for (const element of form.querySelectorAll("[data-with-script]")) element.hidden = false;
  form.querySelector("[data-without-script]").hidden = true;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const action = event.submitter?.value;
    if (action === "publish" || action === "draft") save(action);
    else preview.update();
  });

  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.repeat || event.altKey || event.shiftKey) return;
    if (!event.ctrlKey && !event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key !== "enter" && key !== "s") return;
    if (key === "enter" && !form.contains(event.target)) return;
    event.preventDefault(); // the browser would save the page, or submit the form with its first button
    if (key === "s") return keepNow();
    const button = form.querySelector(`button[data-shortcut="enter"]`);
    if (button) form.requestSubmit(button);
  });

  // In a single-line field the Enter key would submit the form.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || composing(event) || event.ctrlKey || event.metaKey) return;
    if (!event.target.matches("input")) return;
    event.preventDefault();
    body.focus();
  });

  async function keepNow() {
    progress.textContent = {
      kept: "Kept as a working copy. Readers see nothing of it.",
      none: "There is nothing to keep yet.",
      gone: "This working copy was saved or discarded elsewhere.",
      refused: "Kept in this browser only, because the server does not take it.",
      here: "Kept in this browser. It goes to the server when there is a connection.",
      nowhere: "This could not be kept: there is no connection, and the browser keeps nothing.",
    }[await copies.save()];
  }

  async function save(action) {
    if (busy) return;
    hold(true, working[action]);
    if (loggedOut) await renew();
    const sent = await send(form.getAttribute("action"), [...fields(), ["action", action]]);
    hold(false, "");
    if (!sent) {
      queue.add(action);
      return check();
    }
    queue.end();
    if (sent.response.ok && sent.response.redirected) succeed(sent);
    else if (sent.page.querySelector("form[data-composer]")) refuse(sent, action);
    else fail(`${reason(sent.response.status)} Your text is still here.`, action);
  }

  // hold makes the text read-only until the answer arrives.
  function hold(on, text) {
    busy = on;
    headline.readOnly = body.readOnly = acts.readOnly = on;
    if (correction) correction.readOnly = on;
    form.setAttribute("aria-busy", on);
    progress.textContent = text;
    failure.replaceChildren();
  }

  function succeed({ response, page }) {
    loggedOut = false;
    copies.saved();
    const fresh = page.querySelector("form[data-composer]");
    if (edits || !fresh) {
      location.assign(response.url);
      return;
    }
    headline.value = body.value = acts.value = "";
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = false;
    copies.fresh();
    preview.clear();
    adopt(page);
    follow(fresh);
    picker.refresh();
    writing.begin();
  }

  // refuse shows what the server says is wrong. The form still has what was typed and, after a conflict, what only
  // others have changed.
  function refuse({ response, page }) {
    loggedOut = response.status === 401;
    const fresh = page.querySelector("form[data-composer]");
    adopt(page);
    if (fresh.getAttribute("action") !== form.getAttribute("action")) become(fresh);
    follow(fresh);
    if (fresh.hasAttribute("data-merged")) merge(fresh);
    readPassages();
    form.querySelector(".problem")?.focus();
  }

  // become makes this the form of a new entry, because the one that it edits was removed.
  function become(fresh) {
    form.setAttribute("action", fresh.getAttribute("action"));
    for (const input of form.querySelectorAll("input[type=hidden]:not([name=csrf], [name=copy])")) input.remove();
    form.prepend(...fresh.querySelectorAll("input[type=hidden]:not([name=csrf], [name=copy])"));
    form.querySelector(".field-correction")?.remove();
    const actions = fresh.querySelector(".actions");
    actions.querySelector("[data-without-script]").hidden = true;
    form.querySelector(".actions").replaceWith(actions);
  }

  // follow takes over everything but the text from a newer form: its token, its key, the revision that it is based
  // on, and which fields are at fault.
  function follow(fresh) {
    for (const name of hiddenNames) {
      if (form.elements[name] && fresh.elements[name]) form.elements[name].value = fresh.elements[name].value;
    }
    if (fresh.elements.csrf.value) renewToken(fresh.elements.csrf.value);
    for (const name of typedNames) {
      const mine = form.elements[name];
      const theirs = fresh.elements[name];
      if (!mine) continue; // the fields for corrections exist only for entries that readers have seen
      for (const attribute of ["aria-invalid", "aria-describedby"]) {
        const value = theirs?.getAttribute(attribute);
        if (value) mine.setAttribute(attribute, value);
        else mine.removeAttribute(attribute);
      }
    }
  }

  function merge(fresh) {
    for (const name of typedNames) {
      const theirs = fresh.elements[name];
      if (theirs) set(name, theirs.type === "checkbox" ? theirs.checked : theirs.value);
    }
    writing.update();
    preview.update();
  }

  // fill puts the fields of a working copy into the form.
  function fill(copy) {
    for (const name of typedNames) {
      set(name, form.elements[name]?.type === "checkbox" ? name in copy : copy[name] ?? "");
    }
    for (const name of hiddenNames) if (name in copy && form.elements[name]) form.elements[name].value = copy[name];
    writing.update();
    preview.update();
  }

  function set(name, value) {
    const field = form.elements[name];
    if (!field) return;
    if (field.type === "checkbox") field.checked = value;
    else if (field.value !== value) field.value = value; // else the caret would move
  }

  // restored says that a text from before is in the form, or that it is not any more.
  function restored(record, moved) {
    const place = document.querySelector("#copied");
    if (!record) {
      queue.drop();
      return place.replaceChildren();
    }
    const p = document.createElement("p");
    p.className = "notice";
    const at = new Date(record.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    p.textContent = `What you typed until ${at} is back. Readers have not seen it. `;
    if (moved) p.textContent += "The entry has changed since; publishing asks about what both have changed. ";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Discard it";
    button.addEventListener("click", () => copies.takeBack());
    p.append(button);
    place.replaceChildren(p);
    if (record.queued) queue.add(record.queued.action, record.queued.since);
  }

  // renew gives the page's forms the token of the present session, if it is one of the same user.
  async function renew() {
    const token = await freshToken(form.dataset.user);
    if (!token) return "out";
    if (token === form.elements.csrf.value) return "refused";
    renewToken(token);
    return "renewed";
  }

  function renewToken(token) {
    for (const input of document.querySelectorAll("input[name=csrf]")) input.value = token;
  }

  function fail(text, action) {
    const p = document.createElement("p");
    p.textContent = text;
    const retry = document.createElement("button");
    retry.type = "button";
    retry.textContent = "Try again";
    retry.addEventListener("click", () => save(action));
    failure.replaceChildren(p, retry);
    retry.focus();
  }

  return copies;
}

function reason(status) {
  switch (status) {
    case 413: return "The text is too long to be sent.";
    case 429: return "There were too many requests. Wait a few seconds.";
    case 502: case 503: case 504: return "The server is not available at the moment.";
  }
  return `The server did not save this (${status}).`;
}
