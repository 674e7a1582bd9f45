// The picker offers, while a command is typed at the beginning of a line, what may come next: the commands themselves,
// then what they name, as the talks stand now. It is the listbox of a combobox; the field stays a plain text field, and
// whatever the list says, what was typed stands.
import { caretTop } from "./caret.js";

const patience = 20_000; // ms
const shown = 8; // of a list at once

// startPicker serves the fields and returns how to have their lists read anew.
export function startPicker(fields, address) {
  let data, asked;
  const read = () => (asked = load(address).then((fresh) => (data = fresh ?? data)));
  for (const field of fields) serve(field, () => data, () => asked ?? read());
  return { refresh: () => asked && read() };
}

async function load(address) {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) });
    if (!response.ok) return null;
    const { commands, lists } = await response.json();
    return { commands, lists: Object.fromEntries(lists.map((list) => [list.key, list])) };
  } catch {
    return null; // the commands can be typed without
  }
}

function serve(field, data, ready) {
  const list = document.createElement("ul");
  list.id = `${field.id}-picks`;
  list.className = "picks";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");

  let offer = null; // what the list shows: { picks, from, to }, where from and to are places in the text
  let active = 0;
  let dismissed = ""; // the line on which Escape was pressed

  // update looks at what stands before the caret.
  function update() {
    const { start, line } = lineAt(field);
    if (dismissed && line.startsWith(dismissed)) return close();
    dismissed = "";
    if (!line.startsWith("/") || field.selectionStart !== field.selectionEnd || field.readOnly) return close();
    if (!data()) {
      ready().then(() => data() && document.activeElement === field && update());
      return close();
    }
    const found = next(data(), line);
    if (!found?.picks.length) return close();
    offer = { ...found, picks: found.picks.slice(0, 50), from: start + found.at, to: field.selectionStart };
    open();
  }

  function open() {
    active = 0;
    list.setAttribute("aria-label", offer.name);
    list.replaceChildren(...offer.picks.map(option));
    list.hidden = false;
    list.style.insetBlockStart = `${caretTop(field)}px`;
    // A text field that may have several lines is a combobox only while it has a list.
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "true"], ["aria-controls", list.id], ["aria-haspopup", "listbox"]]) {
      field.setAttribute(name, value);
    }
    mark();
    list.scrollIntoView({ block: "nearest" });
  }

  function close() {
    if (!offer) return;
    offer = null;
    list.hidden = true;
    list.replaceChildren();
    for (const name of ["role", "aria-expanded", "aria-controls", "aria-haspopup", "aria-activedescendant"]) field.removeAttribute(name);
  }

  function option({ value, name, note }, i) {
    const item = document.createElement("li");
    item.id = `${list.id}-${i}`;
    item.setAttribute("role", "option");
    for (const [tag, text] of [["b", name || value], ["code", name && value], ["span", note]]) {
      if (!text) continue;
      const part = document.createElement(tag);
      part.textContent = text;
      item.append(part, " ");
    }
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the caret stays in the text
    item.addEventListener("click", () => choose(i));
    return item;
  }

  function mark() {
    for (const [i, item] of [...list.children].entries()) item.setAttribute("aria-selected", i === active);
    field.setAttribute("aria-activedescendant", `${list.id}-${active}`);
    const item = list.children[active];
    list.scrollTop = Math.min(item.offsetTop, Math.max(list.scrollTop, item.offsetTop + item.offsetHeight - list.clientHeight));
  }

  function choose(i) {
    const { picks, from, to, end } = offer;
    const follows = end.trim() && field.value.slice(to).trimStart().startsWith(end.trim());
    const text = picks[i].value + (follows ? "" : end);
    close();
    field.focus();
    field.setSelectionRange(from, to);
    // The browser's own way of typing, so that its undo takes the choice back.
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, from, to, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    update();
  }

  field.addEventListener("keydown", (event) => {
    if (!offer || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const count = offer.picks.length;
    switch (event.key) {
      case "ArrowDown": active = (active + 1) % count; mark(); break;
      case "ArrowUp": active = (active + count - 1) % count; mark(); break;
      case "PageDown": active = Math.min(active + shown, count - 1); mark(); break;
      case "PageUp": active = Math.max(active - shown, 0); mark(); break;
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
  field.addEventListener("blur", close);
}

function lineAt(field) {
  const before = field.value.slice(0, field.selectionStart);
  const start = before.lastIndexOf("\n") + 1;
  return { start, line: before.slice(start) };
}

// next tells what may follow a line that begins with a slash: picks, the name of their list, where in the line the choice
// goes, and what follows it.
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
  for (const place of command.places) {
    const list = lists[place.list];
    const passed = past(list, place.end, line, at);
    if (passed < 0) return inList(list, line, at, place.end);
    at = passed;
  }
  return null;
}

// past returns where in the line the place after a finished one begins, or -1 while it is not finished.
function past(list, end, line, at) {
  const rest = line.slice(at);
  if (end.trim()) {
    const i = rest.indexOf(end.trimEnd());
    return i < 0 ? -1 : skip(line, at + i + end.trimEnd().length);
  }
  const done = list.items.find(({ value }) => end && rest.toLowerCase().startsWith(value.toLowerCase() + end));
  if (done) return skip(line, at + done.value.length);
  // A claim or a text may be one that there is not yet; ids have no spaces.
  const fresh = end && ["claims", "documents"].includes(list.key) ? rest.indexOf(" ") : -1;
  return fresh < 1 ? -1 : skip(line, at + fresh);
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
  // What is written out and ends the command needs no list.
  if (!end && picks.some(({ value }) => fold(value) === fold(typed))) return null;
  return { name: list.name, picks, at, end };
}

// match finds what begins as typed, then what has a word that does.
function match(items, typed) {
  const want = fold(typed);
  const rank = ({ value, name = "" }) => {
    const names = [fold(value), fold(name)];
    if (names.some((text) => text.startsWith(want))) return 0;
    return names.some((text) => text.includes(` ${want}`)) ? 1 : 2;
  };
  return items.map((item) => [rank(item), item]).filter(([r]) => r < 2).sort(([a], [b]) => a - b).map(([, item]) => item);
}

function fold(text) {
  return text.toLowerCase().replaceAll(/[-_\s]+/g, " ").trim();
}
