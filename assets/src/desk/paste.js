import { composing } from "./composition.js";
import { insert } from "./insert.js";

const timeout = 10_000; // ms

// startPaste makes Markdown of what is pasted into the text. Plain text is inserted at once. If the clipboard has HTML,
// the server converts it, and the result takes the place of the plain text unless something was typed meanwhile or the
// focus has moved. Each of the two can be undone.
export function startPaste(form) {
  const { headline, body } = form.elements;
  const commands = form.dataset.commands.split(" ");
  let unformatted = false; // pressed to paste without formatting
  form.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const { key, ctrlKey, metaKey, shiftKey } = event;
    if (key.toLowerCase() === "v") unformatted = shiftKey && (ctrlKey || metaKey);
  });

  // A browser joins the lines without a space, or drops them.
  headline.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\n\r]/.test(text) || headline.readOnly) return;
    event.preventDefault();
    replaceSelection(headline, text.replaceAll(/\s+/g, " ").trim());
  });

  body.addEventListener("paste", (event) => {
    const asTyped = unformatted;
    unformatted = false;
    const data = event.clipboardData;
    // An editor of source text copies it with its colors.
    const html = data.types.includes("vscode-editor-data") ? "" : data.getData("text/html");
    const text = data.getData("text/plain") || trimmed(html).replaceAll(/<[^>]*>/g, " ");
    if (asTyped || !text.trim() || body.readOnly || inCommand(body)) return;
    event.preventDefault();
    const from = body.selectionStart;
    replaceSelection(body, listed(text, commands));
    if (html) replace(html, from);
  });

  async function replace(html, from) {
    const to = body.selectionEnd;
    const before = body.value;
    const markdown = await convert(html);
    if (!markdown || body.value !== before || markdown === before.slice(from, to)) return;
    if (body.readOnly || document.activeElement !== body) return;
    const { selectionStart, selectionEnd } = body;
    insert(body, from, to, apart(before.slice(0, from), markdown));
    const added = body.selectionEnd - to;
    const moved = (at) => (at >= to ? at + added : Math.min(at, from));
    body.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  }

  // convert returns Markdown, or "" if the server cannot be reached or cannot convert it.
  async function convert(html) {
    const fields = new URLSearchParams({ csrf: form.elements.csrf.value, html: trimmed(html) });
    try {
      const signal = AbortSignal.timeout(timeout);
      const response = await fetch(form.dataset.paste, { method: "POST", body: fields, signal });
      return response.ok ? (await response.json()).markdown : "";
    } catch {
      return "";
    }
  }
}

function replaceSelection(field, text) {
  insert(field, field.selectionStart, field.selectionEnd, text);
}

// trimmed returns HTML without most of what nobody sees, which can be many times longer than the text. It is not parsed
// here, because even in a document that is not shown, its styles and handlers would offend the page’s security policy.
function trimmed(html) {
  const hidden = /<(style|script|svg|xml)\b.*?<\/\1>|\ssrc="data:[^"]*"/gis;
  return html.replaceAll(hidden, "");
}

// inCommand reports whether the caret is in the line of a command, which has no Markdown.
function inCommand(field) {
  const before = field.value.slice(0, field.selectionStart);
  return /^[\s\p{Cf}]*[/／]/u.test(before.slice(before.lastIndexOf("\n") + 1));
}

// apart begins a list, a quotation or the like on a line of its own.
function apart(before, markdown) {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return line.trim() && /^(#{1,6} |[->|] ?|\d+\. |```)/.test(markdown) ? `\n\n${markdown}` : markdown;
}

const bullet = /^([ \t]*)([•‣◦▪●○■□∙⁃·–](?=[\s\u3000])|・)[\s\u3000]*/;
const number = /^([ \t]*)([0-9０-９]{1,3})([．）、]|[.)](?=\s))[\s\u3000]*/;

// listed returns plain text with Markdown’s signs for the items of lists that have others: two or more lines with the
// same bullet, or with one number after the other. It puts a backslash before slashes that begin a line without being a
// command.
export function listed(text, commands) {
  const lines = text.replaceAll(/\r\n?/g, "\n").split("\n");
  const narrow = (digits) => Number(digits.normalize("NFKC"));
  const continues = (a, b) => {
    if (!a || !b) return false;
    return a.length === 3 ? b[2] === a[2] && b.length === 3 : b.length === 4 && narrow(b[2]) === narrow(a[2]) + 1;
  };
  const signs = lines.map((line) => line.match(bullet) ?? line.match(number));
  return lines.map((line, i) => {
    const sign = signs[i];
    if (sign && (sign[2] === "•" || continues(signs[i - 1], sign) || continues(sign, signs[i + 1]))) {
      return `${sign[1]}${sign.length === 3 ? "-" : `${narrow(sign[2])}.`} ${line.slice(sign[0].length)}`;
    }
    const slash = line.match(/^([\s\p{Cf}]*)\/(\S*)/u);
    if (!slash || commands.includes(slash[2].toLowerCase())) return line;
    return `${slash[1]}\\${line.slice(slash[1].length)}`;
  }).join("\n");
}
