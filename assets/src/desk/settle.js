const gap = "\n\n"; // counted before the text, so that each of its passages begins with one

// startSettling puts the version that is chosen of a passage in conflict into the form's field, where it can still be
// changed. What the form says then is always what is saved.
export function startSettling(form) {
  let passages = [];
  const texts = {};
  const whole = (name) => (name === "body" ? gap : "") + form.elements[name].value;

  form.addEventListener("change", ({ target }) => {
    const passage = passages.find((p) => p.fieldset.contains(target));
    if (passage && target.matches("input[type=radio]")) take(passage, target.dataset.text);
  });

  form.addEventListener("input", ({ target }) => {
    if (passages.length > 0 && target.name in texts) follow(target.name);
  });

  function take(passage, text) {
    const field = form.elements[passage.name];
    const before = whole(passage.name);
    if (passage.name === "acts" && text && passage.start > 0 && before[passage.start - 1] !== "\n") text = `\n${text}`;
    const after = before.slice(0, passage.start) + text + before.slice(passage.end);
    field.value = passage.name === "body" ? after.replace(/^\n+/, "") : after;
    const end = passage.start + text.length;
    texts[passage.name] = after;
    for (const p of passages) if (p !== passage && p.name === passage.name && p.start >= passage.end) {
      p.start += end - passage.end;
      p.end += end - passage.end;
    }
    passage.end = end;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  // follow keeps the passages in their places while the text around them changes.
  function follow(name) {
    const before = texts[name];
    const after = whole(name);
    texts[name] = after;
    const longest = Math.min(before.length, after.length);
    let same = 0; // at the beginning
    while (same < longest && before[same] === after[same]) same++;
    let rest = 0; // the same at the end
    while (rest < longest - same && before[before.length - 1 - rest] === after[after.length - 1 - rest]) rest++;
    const moved = (at, edge) => {
      if (at < same || at === same && edge < 0) return at;
      return at >= before.length - rest ? at + after.length - before.length : edge < 0 ? same : after.length - rest;
    };
    for (const p of passages) if (p.name === name) [p.start, p.end] = [moved(p.start, -1), moved(p.end, 1)];
  }

  // read takes over the passages that the page asks about now. The server takes the fields as they are.
  return function read() {
    passages = [...form.querySelectorAll("[data-passage]")].map((fieldset) => {
      const { passage: name, start, end } = fieldset.dataset;
      for (const radio of fieldset.querySelectorAll("input")) radio.value = "mine";
      texts[name] = whole(name);
      return { fieldset, name, start: Number(start), end: Number(end) };
    });
  };
}
