// An entry is shown in a frame with a document of its own, which has the readers' style sheets and no script.

// fitFrames keeps frames as high as their content, where the style sheet wants that.
export function fitFrames(frames) {
  for (const frame of frames) {
    const observer = new ResizeObserver(([{ target }]) => {
      frame.style.setProperty("--content", `${Math.ceil(target.getBoundingClientRect().height)}px`);
    });
    whenReady(frame, (page) => observer.observe(page.body));
  }
}

// showEntry puts an entry's element into a frame in place of the one that it shows. The frame keeps its scroll position,
// and the details that are open.
export function showEntry(frame, article) {
  whenReady(frame, (page) => {
    const stream = page.querySelector("[data-stream]");
    for (const { id } of stream.querySelectorAll("details[open][id]")) {
      article.querySelector(`#${id}`)?.setAttribute("open", "");
    }
    stream.replaceChildren(page.adoptNode(article));
  });
}

// whenReady calls back with the frame's document, at once if it has loaded.
function whenReady(frame, use) {
  const page = frame.contentDocument;
  if (page?.querySelector("[data-stream]")) use(page);
  else frame.addEventListener("load", () => use(frame.contentDocument), { once: true });
}
