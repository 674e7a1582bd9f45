const waits = {
  publish: "There is no connection. This is published by itself, once, as soon as there is one.",
  draft: "There is no connection. The draft is saved by itself, once, as soon as there is one.",
};

// startQueue holds a form that could not be sent until it can be, or until the editor calls it off. Remember keeps the
// action with the working copy, so that a page that is opened again goes on waiting.
export function startQueue(place, { save, hold, remember }) {
  let waiting = "";
  let since = 0;
  let sending = false;

  function add(action, from = Date.now()) {
    if (!waiting) since = from;
    waiting = action;
    remember({ action, since });
    hold(true, "");
    const p = document.createElement("p");
    const time = new Date(since).toLocaleTimeString("en-GB", { timeStyle: "short" });
    p.textContent = `${waits[action]} It has been waiting since ${time}.`;
    const stop = document.createElement("button");
    stop.type = "button";
    stop.textContent = "Call it off";
    stop.addEventListener("click", callOff);
    place.replaceChildren(p, stop);
  }

  function callOff() {
    end();
    hold(false, "It is not sent. Your text is still here.");
  }

  // end says that there was an answer, or that none is wanted.
  function end() {
    if (waiting) remember(null);
    waiting = "";
  }

  // drop forgets what waits, because it turned out to have been saved or discarded already.
  function drop() {
    if (!waiting) return;
    end();
    hold(false, "");
  }

  // send tries again if something waits.
  async function send() {
    if (!waiting || sending) return;
    sending = true;
    hold(false, "");
    await save(waiting);
    sending = false;
  }

  return { add, end, drop, send };
}
