// Package views turns the domain's values into HTML: pages, the entry as it stands in a page and on the wire,
// and Markdown made safe.
//
// Every component is a pure function of its data: times stand as the venue's clock has them, so that a page may be
// kept and sent to everyone. What depends on the reader is added in the browser by assets/src/reader.js, and all
// pages read well without it. No page holds inline script or style, so that the strictest policy fits.
//
// # What the reader script finds in a page
//
// The blog's page, its older pages, an entry's own page and the embed share this contract.
//
//	<main data-blog=SLUG data-cursor=CURSOR data-window="newest|older|entry" data-status=STATUS
//	      data-socket=PATH data-changes=PATH data-words=JSON lang=TAG dir=ltr|rtl [data-frame]>
//
// Window says what belongs into the page: everything from the newest entry down; what stood there when the page was
// made, with its edits and removals; or one entry. Socket and changes are the addresses of the WebSocket and of the
// poll, without the cursor. Words are the script's own texts by their keys, in
// the language under "lang". Frame marks the embed, which tells the page around it its height.
//
//	[data-head]       replaced as a whole by HeadHTML; where there is none, [data-title] and [data-badge] are taken
//	                  over one by one
//	[data-part=board|figures|agenda] replaced one by one by BoardHTML, FiguresHTML and AgendaHTML; empty where there
//	                  is nothing to show
//	[data-connection] hidden; its span takes the state, its button pauses
//	[data-followers]  hidden; takes the number of those who follow
//	[data-stream]     holds the entries, then [data-empty], which shows where there are none; data-newest is when the blog's
//	                  newest entry was published, here or not, in microseconds; none in a page of one entry
//	a[data-older], a[data-newer] the next page on each side, loaded in place; none where nothing follows
//	a[data-entry=N]   a link to entry N, which leads within the page where that entry is in it
//	[data-new]        hidden; a button, or in an older window a link, whose [data-count] takes "3 new updates"
//	#what-we-know     the summary; once it has been linked to, main takes data-unfolded and narrow pages show all of it
//	[data-announce]   role=status; takes the sentences for screen readers
//	template[data-removed] what takes the place of an entry that is removed on its own page
//	[data-settings]   what readers set for themselves, which need the script; it takes data-on, and so does main
//	select[data-times] the zone of all times: venue, own or utc
//	input[data-keep]  a switch: whether the page remembers where the reader left off
//	[data-share]      a button within an entry: shares or copies the way to it in the stream
//	[data-summary=N.REVISION] the entry that sums up, as it stands in the head
//
// An entry is an article, whose first element is its time:
//
//	<article id="entry-N" data-number=N data-revision=N data-published=µs data-updated=µs [data-pinned]>
//
// What takes the place of an entry that was removed after readers had the time to read it is an article too, with
// data-removed: NoteHTML, which comes with the removal.
//
// Within an entry [data-claim=ID] is a claim that it makes or cites, replaced by ClaimHTML wherever it stands, and
// [data-act=I] is what it states with its act I.
//
// A details[id] within it that is open stays open when a newer article takes its place.
//
// Published and updated are microseconds since 1970 in decimal. They may exceed what a JavaScript number holds
// exactly in time to come, so they are compared as BigInt. Pinned is there or not. A <time data-ago> is followed by
// how long ago it was. Every time[datetime] may be shown in another zone; main[data-zone] says which, where it is not
// the venue's.
//
// A [data-standing=WHAT], such as "track tariffs", "claim ID" or "figure ID", says how something stands: its .name and
// its .state make the sentence for screen readers when they change: the state as data-said has it for within a
// sentence, or else its text. A [data-recent=TIME] is shown for a day after it.
// Beside a time[data-until] comes how long it is until then, beside a time[data-local] the reader's own.
//
// In another zone than the venue's each time[datetime] but the capitals' clocks reads .clock, .zone and .day of that zone.
// It keeps what the server wrote in data-written, says in data-shown which zone it is in, and main says so in data-zone.
//
// What readers set is kept in localStorage and nowhere else, once they have set it: readout.times is "own" or "utc", and
// readout.left.SLUG is where they left off. When they come again, an .away section at the end of main tells what came, and
// the first entry that they have seen carries a .left-off.
//
// # The talks' own pages
//
// They share main, with the window "talks", [data-title], [data-badge], [data-connection] and [data-announce].
//
//	[data-talks]          replaced by that of the page fetched anew when the talks change; with [data-at] the page is
//	                      of a past moment, or the log of corrections, and is not followed
//	details[id], [id]     a fold stays open, and what is in view in its place, where the newer page has the same id
//
// The script adds to an article .fresh (new, just inserted) and data-page (the older page that it was loaded from),
// and to main [data-connection] its state: connecting, live, polling, reconnecting, offline or stopped.
//
// # What the embed and the page around it say to each other
//
// The frame posts {type: "readout:size", slug, title, height, shift} when its height changes, and in answer to
// {type: "readout:hello"}: pixels, shift being how far the reader's place has moved down within the frame.
package views
