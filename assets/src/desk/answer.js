// The server's answers are the pages that a browser without the script would show.

// All HTML is parsed through this policy. It comes from our own server, which escapes and sanitises it, and is parsed
// into a separate document, in which no scripts run.
const policy = window.trustedTypes?.createPolicy("readout-desk", { createHTML: (text) => text });

export function parse(text) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
}

const timeout = 20_000; // ms; longer than the server's own

// send posts fields and returns the response and its document, or null if there was no response.
export async function send(address, fields, signal = AbortSignal.timeout(timeout)) {
  try {
    const response = await fetch(address, { method: "POST", body: new URLSearchParams(fields), signal });
    return { response, page: parse(await response.text()) };
  } catch {
    return null;
  }
}

// freshToken fetches the page again and returns the form token of the present session, or "" if the user with an ID is
// not logged in.
export async function freshToken(user) {
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(timeout) });
    const fresh = parse(await response.text()).querySelector("form[data-composer]");
    return fresh && (!user || fresh.dataset.user === user) ? fresh.elements.csrf.value : "";
  } catch {
    return "";
  }
}

// adopt copies the parts around the form from another page: messages, conflicts, lists. Parts are matched by their ids.
export function adopt(page) {
  for (const part of document.querySelectorAll("[data-swap]")) {
    const other = page.getElementById(part.id);
    // The script decides itself what gets the focus.
    for (const element of other?.querySelectorAll("[autofocus]") ?? []) element.removeAttribute("autofocus");
    if (other) part.replaceChildren(...document.adoptNode(other).childNodes);
  }
}
