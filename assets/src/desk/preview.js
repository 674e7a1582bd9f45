import { parse } from "./answer.js";

const pause = 300; // ms without a key before the server is asked

// startPreview keeps the preview in step with the form.
export function startPreview(form, fields) {
  const pane = form.querySelector("[data-preview-pane]");
  const target = pane.querySelector("#preview");
  let timer, asked;

  async function update() {
    clearTimeout(timer);
    asked?.abort();
    const mine = (asked = new AbortController());
    if (!["body", "headline", "acts"].some((name) => form.elements[name].value.trim())) return clear();
    try {
      const response = await fetch(form.dataset.preview, {
        method: "POST", body: new URLSearchParams(fields()), signal: mine.signal,
      });
      const page = parse(await response.text());
      if (mine.signal.aborted) return;
      if (!response.ok) return note("The preview cannot be had at the moment.");
      show(...document.adoptNode(page.body).childNodes);
    } catch {
      if (!mine.signal.aborted) note("The preview cannot be had at the moment.");
    }
  }

  function show(...nodes) {
    target.replaceChildren(...nodes);
    // Looking at a link must not lead away from what is being written.
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
    asked?.abort();
    target.replaceChildren();
    note("What readers will see stands here while you write.");
  }

  pane.hidden = false;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, pause);
  });
  update();
  return { update, clear };
}
