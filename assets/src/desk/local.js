// What this browser keeps of working copies, in its local storage: one record each, under its user and its name. Nobody
// who logs in later on the same machine is shown the records of others.

const prefix = "readout-copy:";
const lifetime = 30 * 24 * 60 * 60 * 1000; // ms, as on the server

// name returns a random name for a working copy or a page.
export function name() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const keyOf = (user, id) => `${prefix}${user}:${id}`;

let closed = false;

// close ends all writing, because the user logs out.
export function close() {
  closed = true;
}

export const isClosed = () => closed;

// put writes a record and reports whether that was possible.
export function put(record) {
  if (closed) return false;
  const text = JSON.stringify(record);
  try {
    localStorage.setItem(keyOf(record.user, record.id), text);
    return true;
  } catch {
    return false; // it is full, or the browser does not allow it
  }
}

export function drop(user, id) {
  try {
    localStorage.removeItem(keyOf(user, id));
  } catch {
    // then there is nothing to drop either
  }
}

// records returns what is kept for a user, the newest first.
export function records(user) {
  const list = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(prefix)) continue;
      const record = parsed(localStorage.getItem(key));
      if (!record || Date.now() - record.at > lifetime) localStorage.removeItem(key);
      else if (record.user === user) list.push(record);
    }
  } catch {
    return [];
  }
  return list.sort((a, b) => b.at - a.at);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// hold marks a working copy as open in this page until the page is left.
export function hold(id) {
  navigator.locks?.request(prefix + id, { ifAvailable: true }, (lock) => lock && new Promise(() => {}));
}

// held returns a function that reports whether a working copy is open in some page. Browsers tell it on pages from secure
// origins only; elsewhere every copy counts as open.
export async function held() {
  if (!navigator.locks) return () => true;
  const { held: locks } = await navigator.locks.query();
  const names = new Set(locks.map((lock) => lock.name));
  return (id) => names.has(prefix + id);
}
