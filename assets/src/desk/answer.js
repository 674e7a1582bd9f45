// Answers of the server: pages like those that a browser without the script would show.

// The policy is the one way from text to HTML here. What passes is the server's own, made by templates that escape
// and by a sanitiser, and it is parsed into a document of its own, in which nothing runs.
const policy = window.trustedTypes?.createPolicy("readout-desk", { createHTML: (text) => text });

export function parse(text) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
}

const patience = 20_000; // ms; longer than the server takes to give up itself

// send posts fields and returns the answer with its document, or null where there was none.
export async function send(address, fields, signal = AbortSignal.timeout(patience)) {
  try {
    const response = await fetch(address, { method: "POST", body: new URLSearchParams(fields), signal });
    return { response, page: parse(await response.text()) };
  } catch {
    return null;
  }
}

// freshToken asks for the page anew and returns the form token of the present login, or "" where nobody is logged in.
export async function freshToken() {
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(patience) });
    return parse(await response.text()).querySelector("form[data-composer] input[name=csrf]")?.value ?? "";
  } catch {
    return "";
  }
}

// adopt brings what a page says beside the form: messages, conflicts, lists. Parts are known by their ids.
export function adopt(page) {
  for (const part of document.querySelectorAll("[data-swap]")) {
    const other = page.getElementById(part.id);
    // What takes the focus is for the script to say here.
    for (const element of other?.querySelectorAll("[autofocus]") ?? []) element.removeAttribute("autofocus");
    if (other) part.replaceChildren(...document.adoptNode(other).childNodes);
  }
}
