// The picker suggests completions while a slash command is typed at the beginning of a line: first the commands, then
// their arguments, from the present state of the talks. It is the listbox of a combobox. The field stays a plain text
// field, and the editor may ignore the suggestions.
import { caretTop } from "./caret.js";
import { composing } from "./composition.js";

const timeout = 20_000; // ms
const pageSize = 8; // picks that PageUp and PageDown move by

// startPicker adds the picker to the fields, and returns a function to reload its lists. It asks for them again each time
// that a list opens, since the talks go on; until there is an answer it offers what it has.
export function startPicker(fields, address) {
  let data, request;
  const read = () => (request ??= load(address, data).then((fresh) => {
    request = null;
    const changed = fresh && fresh !== data;
    if (changed) data = fresh;
    return changed;
  }));
  for (const field of fields) serve(field, () => data, read);
  return { refresh: () => data && read() };
}

// load returns the lists; the known ones if they are still right, and null if there is no answer.
async function load(address, known) {
  try {
    const headers = { Accept: "application/json" };
    if (known) headers["If-None-Match"] = known.tag;
    const response = await fetch(address, { headers, cache: "no-store", signal: AbortSignal.timeout(timeout) });
    if (response.status === 304) return known;
    if (!response.ok) return null;
    const { commands, lists, zone } = await response.json();
    const byKey = Object.fromEntries(lists.map((list) => [list.key, list]));
    return { commands, lists: byKey, zone, tag: response.headers.get("ETag") };
  } catch {
    return null; // commands can be typed without suggestions
  }
}

// timeIn returns the time of day in a zone.
function timeIn(timeZone) {
  return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format();
}

function serve(field, data, ready) {
  const list = document.createElement("ul");
  list.id = `${field.id}-picks`;
  list.className = "picks";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");

  let offer = null; // the list: { name, picks, from, to, end }; from and to are offsets in the text
  let active = 0;
  let dismissed = ""; // the line on which Escape was pressed
  let asked = -1; // where the line begins for which the lists were asked for

  // update shows the suggestions for the text before the caret, if there are any.
  function update() {
    const { start, line } = lineAt(field);
    if (dismissed && line.startsWith(dismissed)) return close();
    dismissed = "";
    if (!line.startsWith("/") || field.selectionStart !== field.selectionEnd || field.readOnly) {
      asked = -1;
      return close();
    }
    if (!offer && asked !== start) {
      asked = start;
      ready().then((changed) => changed && document.activeElement === field && update());
    }
    if (!data()) return close();
    data().lists.times.items = [{ value: timeIn(data().zone) }];
    const found = next(data(), line);
    if (!found?.picks.some((pick) => !pick.now)) return close();
    offer = { ...found, picks: found.picks.slice(0, 50), from: start + found.at, to: field.selectionStart };
    open();
  }

  function open() {
    active = offer.picks.findIndex((pick) => !pick.now);
    list.setAttribute("aria-label", offer.name);
    list.replaceChildren(...offer.picks.map(option));
    list.hidden = false;
    list.style.insetBlockStart = `${caretTop(field)}px`;
    // A multi-line text field has the role of a combobox only while it has a list.
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-haspopup", "listbox");
    mark();
    list.scrollIntoView({ block: "nearest" });
  }

  function close() {
    if (!offer) return;
    offer = null;
    list.hidden = true;
    list.replaceChildren();
    for (const name of ["role", "aria-expanded", "aria-controls", "aria-haspopup", "aria-activedescendant"]) {
      field.removeAttribute(name);
    }
  }

  function option({ value, name, note, now }, i) {
    const item = document.createElement("li");
    item.id = `${list.id}-${i}`;
    item.setAttribute("role", "option");
    if (now) item.setAttribute("aria-disabled", "true");
    for (const [tag, text] of [["b", name || value], ["code", name && value], ["span", note]]) {
      if (!text) continue;
      const part = document.createElement(tag);
      part.textContent = text;
      item.append(part, " ");
    }
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the caret stays in the text
    if (!now) item.addEventListener("click", () => choose(i));
    return item;
  }

  function mark() {
    for (const [i, item] of [...list.children].entries()) item.setAttribute("aria-selected", i === active);
    field.setAttribute("aria-activedescendant", `${list.id}-${active}`);
    const item = list.children[active];
    const lowest = item.offsetTop + item.offsetHeight - list.clientHeight;
    list.scrollTop = Math.min(item.offsetTop, Math.max(list.scrollTop, lowest));
  }

  function choose(i) {
    const { picks, from, to, end } = offer;
    const follows = end.trim() && field.value.slice(to).trimStart().startsWith(end.trim());
    const text = picks[i].value + (follows ? "" : end);
    close();
    field.focus();
    field.setSelectionRange(from, to);
    // Insert as if it were typed, so that the browser's undo works.
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, from, to, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    update();
  }

  field.addEventListener("keydown", (event) => {
    if (!offer || composing(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const first = offer.picks.findIndex((pick) => !pick.now); // what is now stands before what may follow
    const count = offer.picks.length - first;
    switch (event.key) {
      case "ArrowDown": active = first + (active - first + 1) % count; mark(); break;
      case "ArrowUp": active = first + (active - first + count - 1) % count; mark(); break;
      case "PageDown": active = Math.min(active + pageSize, offer.picks.length - 1); mark(); break;
      case "PageUp": active = Math.max(active - pageSize, first); mark(); break;
      case "Enter": case "Tab": choose(active); break;
      case "Escape": dismissed = lineAt(field).line; close(); break;
      default: return;
    }
    event.preventDefault();
  });
  field.addEventListener("input", (event) => event.isComposing || update());
  field.addEventListener("compositionend", update);
  field.addEventListener("click", update);
  field.addEventListener("keyup", (event) => {
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) update();
  });
  field.addEventListener("blur", () => {
    asked = -1;
    close();
  });
}

// lineAt returns the line before the caret as a command is read: without spaces and invisible marks before it, with its
// characters in their usual width, and with every arrow as "→". No character of it moves.
function lineAt(field) {
  const before = field.value.slice(0, field.selectionStart);
  const typed = before.slice(before.lastIndexOf("\n") + 1);
  const line = typed.replace(/^[\s\p{Cf}]+/u, "");
  const narrow = (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0);
  const plain = line.replaceAll(/[！-～]/g, narrow).replace(/^[∕⁄]/, "/");
  const arrows = plain.replaceAll(/[-=–—−]>/g, " →").replaceAll(/[⇒➔➜⟶⟹￫]/g, "→");
  return { start: before.length - line.length, line: arrows };
}

// next returns the suggestions for a line that begins with a slash: the picks, the name of their list, the offset in
// the line that a pick replaces the text from, and the text that follows a pick.
export function next({ commands, lists }, line) {
  const [word] = line.match(/^\/\S*/);
  if (word === line) {
    const picks = commands.map(({ name, usage }) => ({ value: `/${name}`, note: usage.slice(name.length + 2) }));
    return { name: "Commands", picks: match(picks, word), at: 0, end: " " };
  }
  const command = commands.find(({ name }) => `/${name}` === word.toLowerCase());
  if (!command) return null;
  const bar = line.search(/(?<!\\)\|[^|]*$/);
  if (bar >= 0) return option(command, lists, line, bar + 1);
  let at = word.length + 1;
  let subject = null; // the item that the argument before names
  for (const place of command.places) {
    const list = following(lists[place.list], subject);
    const after = afterArgument(list, place.end, line, at);
    if (after < 0) return inList(list, line, at, place.end);
    subject = itemNamed(list, line.slice(at, after), place.end);
    at = after;
  }
  return null;
}

// itemNamed returns the item of a list that an argument names, with the text that ends it.
function itemNamed(list, argument, end) {
  const typed = normalize(end.trim() ? argument.slice(0, argument.indexOf(end.trimEnd())) : argument);
  return list.items.find(({ value, name = "" }) => [normalize(value), normalize(name)].includes(typed));
}

// following returns a list of states as they are for an item that has one: first its present state, which cannot be
// chosen, then those that may follow.
function following(list, item) {
  if (!item?.next) return list;
  const now = { value: item.state, note: "now", now: true };
  return { ...list, items: [now, ...item.next.map((value) => ({ value }))] };
}

// afterArgument returns the offset after the argument that begins at an offset, or -1 while it is not complete.
function afterArgument(list, end, line, at) {
  const rest = line.slice(at);
  if (end.trim()) {
    const i = rest.indexOf(end.trimEnd());
    return i < 0 ? -1 : skip(line, at + i + end.trimEnd().length);
  }
  const done = list.items.find(({ value }) => end && rest.toLowerCase().startsWith(value.toLowerCase() + end));
  if (done) return skip(line, at + done.value.length);
  // A claim or a document may be a new one, which no list has; ids have no spaces.
  const newID = end && ["claims", "documents"].includes(list.key) ? rest.indexOf(" ") : -1;
  return newID < 1 ? -1 : skip(line, at + newID);
}

function skip(line, at) {
  return line[at] === " " ? at + 1 : at;
}

function option(command, lists, line, from) {
  const at = skip(line, from);
  const typed = line.slice(at);
  const [word, value] = typed.split(/ (.*)/s);
  if (value === undefined) {
    const used = (name) => new RegExp(`\\| *${name} `).test(line);
    const picks = command.options.filter(({ name }) => !used(name)).map(({ name }) => ({ value: name }));
    return { name: "Options", picks: match(picks, typed), at, end: " " };
  }
  const list = lists[command.options.find(({ name }) => name === word)?.list];
  return list ? inList(list, line, at + word.length + 1, "") : null;
}

function inList(list, line, at, end) {
  const typed = line.slice(at);
  const picks = match(list.items, typed);
  // A last argument that is complete needs no suggestions.
  if (!end && picks.some(({ value, now }) => !now && normalize(value) === normalize(typed))) return null;
  return { name: list.name, picks, at, end };
}

// match returns the items that begin with what was typed, then those that have a word that does.
function match(items, typed) {
  const want = normalize(typed);
  const rank = ({ value, name = "" }) => {
    const names = [normalize(value), normalize(name)];
    if (names.some((text) => text.startsWith(want))) return 0;
    return names.some((text) => text.includes(` ${want}`)) ? 1 : 2;
  };
  const ranked = items.map((item) => [item.now ? -1 : rank(item), item]).filter(([r]) => r < 2);
  return ranked.sort(([a], [b]) => a - b).map(([, item]) => item);
}

function normalize(text) {
  return text.toLowerCase().replaceAll(/[-_\s]+/g, " ").trim();
}
