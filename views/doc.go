// Package views turns the domain's values into HTML: whole pages, and the fragments that the live connection sends.
//
// Every component is a pure function of its data. Times are shown by the venue's clock, so that one rendered page can
// be cached and sent to everyone. assets/src/reader.js adds what depends on the reader; every page is readable
// without it. No page contains inline script or style, so a strict Content Security Policy applies to all of them.
//
// # What the reader script finds in a page
//
// The blog's page, its older pages, an entry's own page and the embed share this contract.
//
//	<main data-blog=SLUG data-cursor=CURSOR data-window="newest|older|entry" data-status=STATUS
//	      data-socket=PATH data-changes=PATH data-words=JSON lang=TAG dir=ltr|rtl [data-frame]>
//
// data-window says which entries belong in the page. "newest" is every entry from the newest down. "older" is the
// entries that were in the page when it was rendered, kept up to date with their edits and removals. "entry" is a
// single entry. data-socket and data-changes are the addresses of the WebSocket and of the poll, without the cursor.
// data-words has the script's own texts by key, and their language under "lang". data-frame marks the embed, which
// reports its height to the page around it.
//
//	[data-head]       replaced as a whole by HeadHTML; where there is none, [data-title] and [data-badge] are
//	                  replaced one by one
//	[data-part=board|figures|agenda] replaced one by one by BoardHTML, FiguresHTML and AgendaHTML; empty when there
//	                  is nothing to show
//	[data-connection] hidden; its span shows the state, its button pauses
//	[data-followers]  hidden; shows the number of followers
//	[data-stream]     holds the entries, then [data-empty], which is shown when there are none. data-newest is when
//	                  the blog's newest entry was published, in microseconds, whether or not this page contains that
//	                  entry; the page of one entry has no data-newest
//	a[data-older], a[data-newer] the next page on each side, loaded in place; missing when there is none
//	a[data-entry=N]   a link to entry N, which scrolls to it when the page contains it
//	[data-new]        hidden; a button, or in an older window a link, whose [data-count] shows "3 new updates"
//	#what-we-know     the summary; when the address links to it, main gets data-unfolded and narrow pages show all
//	                  of it
//	[data-announce]   role=status; receives the sentences for screen readers
//	template[data-removed] replaces an entry that is removed on its own page
//	[data-settings]   the reader's settings, which need the script: it sets data-on here and on main
//	select[data-times] the time zone of all times: venue, own or utc
//	input[data-keep]  a switch: whether the page remembers where the reader left off
//	[data-share]      a button within an entry: shares or copies the link to it in the stream
//	[data-summary=N.REVISION] the summary entry in the head
//
// An entry is an article, whose first element is its time:
//
//	<article id="entry-N" data-number=N data-revision=N data-published=µs data-updated=µs [data-pinned]>
//
// NoteHTML comes with the removal of an entry that readers had time to read. It replaces the entry, and is an article
// too, with data-removed.
//
// Within an entry, [data-claim=ID] is a claim that the entry makes or cites; ClaimHTML replaces it everywhere it
// occurs. [data-act=I] is what the entry states with its act I.
//
// The script turns an article into its newer version in place: what both versions have stays the same nodes, with the
// text selected in it and the focus. A details[id] stays open. What the script itself adds to an article has data-own,
// and stays.
//
// data-published and data-updated are microseconds since 1970 in decimal. They may one day exceed what a JavaScript
// number holds exactly, so the script compares them as BigInt. After a <time data-ago> the script adds how long ago it
// was. It can show every time[datetime] in another zone; main[data-zone] names that zone when it is not the venue's.
//
// A [data-standing=WHAT], such as "track tariffs", "claim ID" or "figure ID", shows the current state of something.
// When it changes, its .name and its .state make the sentence for screen readers; data-said on .state has the wording
// for use within a sentence, and the text of .state is used without it. A [data-recent=TIME] is shown for a day after
// that time. The script adds the time remaining after a time[data-until], and the reader's own time after a
// time[data-local].
//
// In a zone other than the venue's, the script rewrites .clock, .zone and .day of each time[datetime], except the
// capitals' clocks. It keeps the server's text in data-written and names the zone shown in data-shown and on main in
// data-zone.
//
// The reader's settings are kept only in localStorage, and only after the reader has set them: readout.times is "own"
// or "utc", and readout.left.SLUG is where they left off. When they return, an .away section at the end of main tells
// what they missed, and a .left-off marks the first entry that they have already seen.
//
// # The pages of the talks
//
// They share main, with the window "talks", [data-title], [data-badge], [data-connection] and [data-announce].
//
//	[data-talks]          replaced by that of the freshly fetched page when the talks change; with [data-at] the
//	                      page shows a past moment, or the log of corrections, and is not updated
//	details[id], [id]     a details element stays open, and the scroll position is kept, when the newer page has an
//	                      element with the same id
//
// The script adds to an article .fresh (just inserted) and data-page (the older page that it was loaded from), and to
// main [data-connection] its state: connecting, live, polling, reconnecting, offline or stopped.
//
// # Messages between the embed and the page around it
//
// The frame posts {type: "readout:size", slug, title, height, shift} when its height changes, and in answer to
// {type: "readout:hello"}. height and shift are in pixels; shift is how far the content that the reader was looking at
// has moved down within the frame.
package views
