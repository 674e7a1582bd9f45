const near = 0.8; // of a limit, from where it is shown

const sizes = {
  headline: ({ headline }) => [...headline.value.trim().replaceAll(/\s+/g, " ")].length,
  body: ({ body }) => new TextEncoder().encode(body.value.trimEnd()).length,
  correction: ({ correction }) => [...correction.value.trim().replaceAll(/\s+/g, " ")].length,
  acts: ({ acts, body }) => `${acts.value}\n${body.value}`.match(/^[\s\p{Cf}]*[/／]/gmu)?.length ?? 0,
};

// startLimits counts what is typed towards the limits of an entry, and says when one is near and when it is exceeded.
// Nothing is cut off. It returns a function that counts again.
export function startLimits(form) {
  for (const field of form.querySelectorAll("[maxlength]")) if (field.name in sizes) field.removeAttribute("maxlength");
  const announced = form.querySelector("[data-limits]");
  const counts = [...form.querySelectorAll("[data-count]")];
  const number = new Intl.NumberFormat("en");
  const states = {};

  function update() {
    for (const count of counts) {
      const { count: name, limit, unit } = count.dataset;
      const size = sizes[name](form.elements);
      const state = size > limit ? "over" : size >= near * limit ? "near" : "";
      const text = state && `${number.format(size)} of ${number.format(limit)} ${unit}`;
      if (count.textContent !== text) count.textContent = text;
      count.dataset.state = state;
      if (state && state !== states[name]) announced.textContent = `${state === "over" ? "Too much" : "Near the limit"}: ${text}.`;
      states[name] = state;
    }
  }

  form.addEventListener("input", update);
  update();
  return update;
}
