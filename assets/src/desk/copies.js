import { keep } from "./keep.js";
import * as local from "./local.js";

const localDelay = 400; // ms
const serverDelay = 3_000; // ms
const retryDelay = 5_000; // ms
const keptNames = ["headline", "body", "acts", "key_event", "pinned", "summary", "corrects", "correction", "alone",
  "key", "base", "number", "origin", "state"];

// startCopies keeps what is typed into the form as a working copy: in the browser after a moment, on the server after a
// few seconds and when the page is left. Typed returns the present text as a string, and pristine what it was before
// anything was typed. Restored is called when a text is back, with its record and whether the entry has changed since,
// or with null when it was taken back. Renew gets the form the token of the present session and returns "renewed",
// "refused" if it has that already, or "out" if there is none.
export function startCopies(form, { typed, fill, restored, renew }) {
  const user = form.dataset.user;
  const address = form.dataset.copies;
  const writer = local.name();
  const field = form.elements.copy;
  const place = `readout-page:${location.pathname}`; // what this tab had open
  const lists = () => [...document.querySelectorAll("#copies [data-copy]")];
  let pristine = form.hasAttribute("data-typed") ? "" : typed();
  const initial = snapshot();
  let record, sent, localTimer, serverTimer, sending, untouched, failed;
  let stopped = ""; // the outcome after which nothing is sent until somebody types

  // begin starts a new copy, or goes on with one. The page that wrote it last, or one that takes over from that page, can
  // write it without having got its last answer.
  function begin(id = local.name(), revision = 0, by = writer) {
    clearTimeout(localTimer);
    clearTimeout(serverTimer);
    record = { user, address, writer: by, id, revision, fields: {}, at: 0 };
    sent = stopped = "";
    field.value = id;
    local.hold(id);
    try {
      sessionStorage.setItem(place, id);
    } catch {
      // then a reload finds the copy in the list
    }
  }

  function keepHere() {
    clearTimeout(localTimer);
    localTimer = 0;
    const fields = snapshot();
    record.there &&= JSON.stringify(fields) === JSON.stringify(record.fields);
    record.fields = fields;
    record.at = Date.now();
    return local.put(record);
  }

  // keepThere sends the copy; one request is under way at a time.
  async function keepThere(leaving = false) {
    clearTimeout(serverTimer);
    serverTimer = 0;
    failed = false;
    if (sending && !leaving) return sending.then(() => keepThere());
    if (stopped) return stopped;
    if (typed() === pristine && !record.queued) return "kept";
    if (sent === typed() && !record.queued) return "kept";
    keepHere();
    const mine = record;
    const text = typed();
    sending = keep(mine, form.elements.csrf.value, leaving);
    let outcome = await sending;
    sending = null;
    if (record !== mine) { // it was saved or discarded meanwhile
      if (outcome === "kept") discard(mine.id);
      return outcome;
    }
    if (outcome === "forbidden") { // perhaps the session of this form has ended, and there is another one
      outcome = await renew();
      if (outcome === "renewed") return keepThere();
    }
    switch (outcome) {
      case "kept":
        sent = text;
        mine.there = typed() === text;
        local.put(mine);
        break;
      case "moved": // by another page, which goes on with that copy
        if (local.records(user).find((r) => r.id === mine.id)?.writer === mine.writer) local.drop(user, mine.id);
        begin();
        return keepThere();
      case "gone":
        local.drop(user, mine.id);
        if (untouched) return takeBack();
        stopped = outcome;
        break;
      case "refused":
        stopped = outcome;
        break;
      default:
        failed = true;
        serverTimer ||= setTimeout(keepThere, retryDelay);
    }
    return outcome;
  }

  // takeBack clears what was put into the form, because it turned out to have been saved or discarded already.
  function takeBack() {
    begin();
    fill(initial);
    restored(null);
    return "gone";
  }

  form.addEventListener("input", () => {
    if (stopped === "gone") begin();
    stopped = "";
    untouched = false;
    localTimer ||= setTimeout(note, localDelay);
    serverTimer ||= setTimeout(keepThere, serverDelay);
  });

  function note() {
    localTimer = 0;
    if (typed() !== pristine) keepHere();
    else if (record.at > 0) forget();
  }

  // forget discards the copy, here and on the server.
  function forget() {
    const { id, revision } = record;
    local.drop(user, id);
    if (revision > 0 || sent) discard(id);
    begin();
  }

  function discard(id) {
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    fetch(`${address}/${id}/discard`, { method: "POST", body, keepalive: true, redirect: "manual" }).catch(() => {});
    for (const row of lists()) if (row.dataset.copy === id) row.remove();
  }

  const leave = () => {
    if (typed() === pristine || stopped || local.isClosed()) return;
    keepHere();
    keepThere(true);
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  addEventListener("pagehide", leave);

  // restore puts back what this tab had, or what a page had that is not open any more.
  async function restore() {
    const list = local.records(user).filter((r) => r.address === address &&
      (r.fields.number ?? "") === (form.elements.number?.value ?? ""));
    const open = await local.held();
    const back = list.find((r) => r.id === last && !(navigator.locks && open(r.id))) ?? list.find((r) => !open(r.id));
    if (!back || typed() !== pristine) return;
    const row = lists().find((r) => r.dataset.copy === back.id);
    if (back.there && !row && !back.queued) return local.drop(user, back.id); // it was saved or discarded elsewhere
    begin(back.id, back.revision, navigator.locks && back.writer); // nobody else has it open
    const there = row?.dataset;
    if (there && Number(there.revision) > back.revision && there.writer !== back.writer) { // another page went on
      local.drop(user, back.id);
      begin();
    } else if (row) {
      row.hidden = true;
    }
    record.queued = back.queued;
    untouched = true;
    fill(back.fields);
    restored(back, Number(initial.base) > Number(back.fields.base));
    keepThere();
  }

  const last = before();
  const given = field.value; // the form was made from this copy
  begin();
  const ready = (async () => {
    if (!user) return;
    if (pristine === typed()) return restore();
    const row = lists().find((r) => r.dataset.copy === given);
    if (row) row.hidden = true;
    begin(given || undefined, Number(field.dataset.revision));
    keepHere();
    keepThere();
  })();

  // before returns the copy that this tab had open on this page, or "".
  function before() {
    try {
      return sessionStorage.getItem(place) ?? "";
    } catch {
      return "";
    }
  }

  function snapshot() {
    return Object.fromEntries([...new FormData(form)].filter(([name]) => keptNames.includes(name)));
  }

  return {
    ready,
    // save keeps the text at once and says where it is: "kept" on the server, "here" in the browser because there is no
    // connection or nobody is logged in, "refused" by the server, "nowhere", or "none" if nothing was typed.
    async save() {
      if (typed() === pristine) return "none";
      if (stopped === "gone") begin();
      const here = keepHere();
      sent = stopped = "";
      let outcome = await keepThere();
      if (outcome === "gone" && typed() !== pristine) { // it is wanted nevertheless
        begin();
        outcome = await keepThere();
      }
      return ["kept", "gone", "refused"].includes(outcome) ? outcome : here ? "here" : "nowhere";
    },
    // retry sends at once what the server did not answer for.
    retry: () => failed && keepThere(),
    // flush writes what was typed in the last moment.
    flush() {
      if (typed() !== pristine && stopped !== "gone") keepHere();
    },
    // safe reports whether leaving the page loses nothing.
    safe: () => typed() === pristine || local.isClosed() || (user !== "" && keepHere()),
    // saved says that the text has been saved as an entry.
    saved() {
      local.drop(user, record.id);
      pristine = typed();
      begin();
    },
    // fresh says that the form is empty again.
    fresh() { pristine = typed(); },
    // takeBack discards the copy and empties the form.
    takeBack() {
      forget();
      takeBack();
    },
    // queue remembers that the text is to be sent, with the action and since when, or null that it is not.
    queue(queued) {
      record.queued = queued ?? undefined;
      if (typed() !== pristine) keepHere();
    },
  };
}
