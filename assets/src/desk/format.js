// How the toolbar changes Markdown. Each function takes a text and a selection in it, and returns an edit: the part from
// an offset to another, the new text for it, and what is selected afterwards.

// marked puts signs of emphasis around each selected line, or takes them away if all have them. The sign is "*" or "**".
// Spaces at the ends and the signs of lists and quotations stay outside, since Markdown has no emphasis around them.
export function marked(text, from, to, sign) {
  const n = sign.length;
  const parts = partsOf(text, from, to);
  const has = ([a, b]) => {
    const stars = Math.min(starsBefore(text, a), starsAfter(text, b));
    return n === 2 ? stars >= 2 : stars % 2 === 1;
  };
  const off = parts.every(has);
  let out = "";
  let at = parts[0][0] - (off ? n : 0);
  const start = at;
  let first = 0;
  let last = 0;
  for (const part of parts) {
    const [a, b] = part;
    const [drop, add] = off ? [n, ""] : [0, has(part) ? "" : sign];
    out += text.slice(at, a - drop) + add;
    if (part === parts[0]) first = start + out.length;
    out += text.slice(a, b);
    last = start + out.length;
    out += add;
    at = b + drop;
  }
  return { from: start, to: at, text: out, selected: [first, last] };
}

// partsOf returns the part of each selected line that can be emphasized, and the caret if there is none. A caret within a
// word selects the word.
function partsOf(text, from, to) {
  if (from === to) {
    const before = text.slice(0, from).match(/[\p{L}\p{N}\p{M}]+$/u)?.[0] ?? "";
    const after = text.slice(from).match(/^[\p{L}\p{N}\p{M}]+/u)?.[0] ?? "";
    return [before && after ? [from - before.length, from + after.length] : [from, from]];
  }
  const parts = [];
  for (const { index, 0: line } of text.slice(from, to).matchAll(/[^\n]+/g)) {
    let a = from + index;
    let b = a + line.trimEnd().length;
    if (a === 0 || text[a - 1] === "\n") a += line.match(/^\s*((>|[-*+]|\d+[.)])\s+)*/)[0].length;
    a += text.slice(a, b).match(/^\s*/)[0].length;
    const inside = Math.min(starsAfter(text, a), starsBefore(text, b), Math.floor((b - a) / 2));
    if (b - a > 2 * inside) parts.push([a + inside, b - inside]);
  }
  return parts.length > 0 ? parts : [[from, from]];
}

const starsBefore = (text, at) => text.slice(0, at).match(/\**$/)[0].length;
const starsAfter = (text, at) => text.slice(at).match(/^\**/)[0].length;

// linked makes a link of the selection, which is its text or its address, and selects what is still to be typed.
export function linked(text, from, to) {
  const selection = text.slice(from, to);
  const a = from + selection.match(/^\s*/)[0].length;
  const words = selection.trim();
  const b = a + words.length;
  if (/^(https?:\/\/|mailto:)\S+$/i.test(words)) {
    return { from: a, to: b, text: `[](${words})`, selected: [a + 1, a + 1] };
  }
  const address = a + words.length + 3;
  const selected = words ? [address, address + "https://".length] : [a + 1, a + 1];
  return { from: a, to: b, text: `[${words.replaceAll(/\s*\n\s*/g, " ")}](https://)`, selected };
}

const prefixes = { "- ": /^([-*+]) +/, "> ": /^> ?/ };

// prefixed puts the sign of a list or a quotation, "- " or "> ", before each selected line, or takes it away if all have
// it.
export function prefixed(text, from, to, sign) {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const next = text.indexOf("\n", to > from && text[to - 1] === "\n" ? to - 1 : to);
  const end = next < 0 ? text.length : next;
  const lines = text.slice(start, end).split("\n");
  const has = (line) => prefixes[sign].test(line);
  const filled = lines.filter((line) => line.trim());
  const off = filled.length > 0 && filled.every(has);
  const changed = lines.map((line) => {
    if (off) return line.replace(prefixes[sign], "");
    // An empty line ends a list, but continues a quotation only with its sign.
    return has(line) || !line.trim() && lines.length > 1 && sign === "- " ? line : sign + line;
  });
  const out = changed.join("\n");
  const caret = Math.max(start, from + changed[0].length - lines[0].length);
  return { from: start, to: end, text: out, selected: from === to ? [caret, caret] : [start, start + out.length] };
}
