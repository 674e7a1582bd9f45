const interval = 5_000; // ms
const hiddenInterval = 30_000; // ms
const timeout = 4_000; // ms

// startLight shows whether the server can be reached and the session goes on, and calls told with "connected", "away"
// or "out" each time that it has found out.
export function startLight(light, user, told) {
  const [text, spoken] = light.children; // the second is read out, and changes less often
  let state = "";
  let since = 0;
  let timer, request;

  async function check() {
    clearTimeout(timer);
    request?.abort();
    const mine = (request = new AbortController());
    const limit = setTimeout(() => mine.abort("timeout"), timeout);
    let found = "away";
    try {
      const response = await fetch(`/account/pulse?user=${encodeURIComponent(user)}`,
        { signal: mine.signal, cache: "no-store", redirect: "manual" });
      if (response.ok) found = "connected";
      else if (response.status === 401) found = "out";
    } catch {
      if (request !== mine) return;
    }
    clearTimeout(limit);
    if (request !== mine) return;
    show(found);
    timer = setTimeout(check, document.hidden ? hiddenInterval : interval);
  }

  function show(found) {
    const first = state === "";
    if (found !== state) since = Date.now();
    const before = state;
    state = found;
    light.hidden = false;
    light.dataset.state = state;
    tell();
    if (before !== state && (!first || state !== "connected")) spoken.textContent = text.textContent;
    told(state);
  }

  // tell says for how long there has been no connection.
  function tell() {
    const seconds = Math.round((Date.now() - since) / 1000);
    const long = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
    text.textContent = { connected: "Connected", away: `No connection for ${long}`, out: "Logged out" }[state];
  }

  setInterval(() => state === "away" && tell(), 1000);
  for (const name of ["online", "offline"]) addEventListener(name, check);
  document.addEventListener("visibilitychange", () => document.hidden || check());
  check();
  return check;
}
