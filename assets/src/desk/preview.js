import { parse } from "./answer.js";

const debounce = 300; // ms after the last key

// startPreview keeps the preview up to date with the form.
export function startPreview(form, fields) {
  const pane = form.querySelector("[data-preview-pane]");
  const target = pane.querySelector("#preview");
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
      if (!response.ok) return note("The preview is not available at the moment.");
      show(...document.adoptNode(page.body).childNodes);
    } catch {
      if (!mine.signal.aborted) note("The preview is not available at the moment.");
    }
  }

  function show(...nodes) {
    target.replaceChildren(...nodes);
    // Following a link must not leave the page with the form.
    for (const link of target.querySelectorAll("a[href]")) {
      link.target = "_blank";
      link.rel = "noopener";
    }
  }

  function note(text) {
    if (target.querySelector(".preview-note")) return;
    const p = document.createElement("p");
    p.className = "empty preview-note";
    p.textContent = text;
    target.prepend(p); // the last preview stays below
  }

  function clear() {
    clearTimeout(timer);
    request?.abort();
    target.replaceChildren();
    note("The preview appears here while you write.");
  }

  pane.hidden = false;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, debounce);
  });
  update();
  return { update, clear };
}
