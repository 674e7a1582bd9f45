import * as local from "./local.js";

const timeout = 10_000; // ms
const keepaliveLimit = 60_000; // bytes; browsers allow 64 KiB in all for what is sent while a page is left

// keep sends a record to the server and returns what has become of it: "kept", with the new revision in the record;
// "moved" if another page has written that copy, "gone" if it was saved or discarded, "out" if nobody is logged in,
// "forbidden" if the token is of another session or the user has no right, "refused" if it cannot be kept, or "away" if
// it may work later.
export async function keep(record, csrf, leaving = false) {
  const { id, revision, writer, fields, address } = record;
  const body = new URLSearchParams({ ...fields, csrf, writer, copy: id, copy_revision: revision });
  try {
    const response = await fetch(address, {
      method: "POST", body, signal: AbortSignal.timeout(timeout),
      keepalive: leaving && body.toString().length < keepaliveLimit,
    });
    if (response.ok) {
      record.revision = (await response.json()).revision;
      return "kept";
    }
    return { 401: "out", 412: "moved", 410: "gone", 413: "refused", 422: "refused", 403: "forbidden", 404: "refused" }[
      response.status] ?? "away";
  } catch {
    return "away";
  }
}

// keepAll sends what this browser has of a user and the server lacks, and reports whether the server has all of it now.
// What was saved, discarded or purged is forgotten here. If everything is asked for, because the user logs out, what is
// open in a page is sent, too, and what the server has is forgotten.
export async function keepAll(user, csrf, everything) {
  const held = await local.held();
  const composer = document.querySelector("form[data-composer]");
  const here = composer?.elements.copy.value;
  const open = (id) => !everything && (id === here || held(id));
  // The desk's first page lists the server's copies of all blogs, a blog's pages those of the blog.
  const listed = (id) => document.querySelector(`#copies [data-copy="${id}"]`);
  const lists = ({ address }) => location.pathname === "/desk" || composer?.dataset.copies === address;
  let all = true;
  for (const record of local.records(user)) {
    if (open(record.id)) continue;
    if (record.there && !record.queued) {
      if (everything || lists(record) && !listed(record.id)) local.drop(user, record.id);
      continue;
    }
    let outcome = await keep(record, csrf);
    if (outcome === "moved") {
      local.drop(user, record.id);
      Object.assign(record, { id: local.name(), revision: 0, writer: local.name() });
      local.put(record);
      outcome = await keep(record, csrf);
    }
    if (outcome === "gone" || outcome === "kept" && everything) local.drop(user, record.id);
    else if (outcome === "kept") local.put(Object.assign(record, { there: true }));
    else all = false;
  }
  return all;
}
