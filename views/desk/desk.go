// Package desk has the pages on which editors work. They are in English; the texts of a blog are marked with its
// language.
package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"
	"readout/views/diff"
	"readout/views/markdown"

	"github.com/a-h/templ"
)

// Desk is the data that every page of the desk needs.
type Desk struct {
	Site views.Site
	User liveblog.Actor // zero if nobody is logged in
	CSRF string         // the token for the session's forms
}

// Problem says why a form was refused. The zero value means that it was not.
type Problem struct {
	Message string // a whole sentence
	Fields  []liveblog.FieldError
	Login   string // the path of the login page if the user has to log in; else ""
}

// On returns what is wrong with a field, one problem per line; "" for nothing.
func (p Problem) On(field string) string {
	var all []string
	for _, f := range p.Fields {
		if f.Field == field {
			all = append(all, f.Message)
		}
	}
	return strings.Join(all, "\n")
}

// LoginPage is the page on which people log in.
type LoginPage struct {
	Site    views.Site
	Email   string // as typed before
	Next    string // the path to go to after logging in; "" for the desk
	Problem Problem
}

// BlogsPage lists the blogs, with a form for a new one.
type BlogsPage struct {
	Desk  Desk
	Blogs []BlogItem
	Form  BlogForm
	// Copies are the user's working copies in all blogs.
	Copies []liveblog.WorkingCopy
}

// hasAccessKey reports whether the key N opens the composer of a blog, which is the first that the user can write to.
func (p BlogsPage) hasAccessKey(b liveblog.Blog) bool {
	first := slices.IndexFunc(p.Blogs, func(item BlogItem) bool { return p.mayWrite(item.Blog) })
	return first >= 0 && p.Blogs[first].Blog.Slug == b.Slug
}

func (p BlogsPage) mayWrite(b liveblog.Blog) bool {
	return !b.Archived() && p.Desk.may(liveblog.WriteDrafts, b.Slug)
}

// BlogItem is a blog in the list.
type BlogItem struct {
	Blog    liveblog.Blog
	Updated time.Time // when the blog or its newest entry was updated
}

// BlogForm is the form for a blog's own fields, with what was typed.
type BlogForm struct {
	Action     string
	CSRF       string
	Slug       string // typed only for a new blog
	Title      string
	Standfirst string
	Status     string
	TimeZone   string
	Language   string
	Venue      string
	Address    string
	// Seen has the blog's fields as they were when the form was made, so that saving it does not undo others'
	// changes of fields that the user has not changed. Nil for a new blog.
	Seen    *liveblog.Blog
	Problem Problem
	Typed   bool // the form has been changed and not saved
}

// EntryForm is the composer, with what was typed. It is for a new entry if Base is 0, else for an entry's next
// revision.
type EntryForm struct {
	Action   string
	Desk     string // the path of the blog at the desk
	User     string // the ID of the user
	CSRF     string
	Key      string // idempotency key, for a new entry
	Base     int    // the revision that is being edited
	Origin   string // the revision with which the editor had begun, if the form asks about a conflict with Base
	Number   int    // the number of the entry that is being edited
	Language string // the blog's language, for spell checkers
	Headline string
	Body     string
	Acts     string // as slash commands
	Known    []PickList
	KeyEvent bool
	Pinned   bool
	Summary  bool
	Draft    bool // the entry is a draft or new, so it can be saved as a draft
	Publish  bool // the user may publish
	Problem  Problem
	Approval bool   // the entry was refused because it needs a second editor
	MayAlone bool   // the user may publish it nevertheless
	Alone    string // why they do
	Conflict *Conflict
	Choices  MarkChoices
	Rendered *Preview // nil for none
	Typed    bool     // the form has been changed and not saved

	Copy         string    // the ID of the working copy of what was typed; "" if there is none yet
	CopyRevision int       // that the form has
	CopyAt       time.Time // when it was written, if the form was made from it

	Corrects   bool   // the edit is marked as a correction
	Correction string // the correction's note to readers
}

// BlogPage is a blog's page at the desk.
type BlogPage struct {
	Desk  Desk
	Blog  liveblog.Blog
	Setup liveblog.Setup
	// Approvals is about the entries below.
	Approvals liveblog.Approvals
	Form      EntryForm
	Entries   []liveblog.Entry // highest number first
	Before    int              // from the request; 0 on the first page
	Older     int              // the value of Before for the next page; 0 if there are no older entries
	Copies    []liveblog.WorkingCopy
	Notice    Notice
}

// Notice says what the user has just done. Done is "published", "drafted", "saved", "removed", "settings", "setup" or
// "created"; any other value shows nothing.
type Notice struct {
	Done   string
	Number int // the number of the entry, if any
	// Replaced is the number of the entry that is no longer a summary because this one is, and Beside that of the entry
	// that is one as well; 0 for none.
	Replaced, Beside int
	Kept             []string // the fields of the entry in which changes of others were kept; see [KeptName]
	// KeptFrom are the names of those others, if they are known.
	KeptFrom []string
	Problem  string // what could not be done; "" for nothing
}

// KeptName returns what a field of an entry is called in the notice that it was kept, or "" for another field.
func KeptName(field string) string {
	return map[string]string{
		"headline": "the headline", "body": "the text", "acts": "the acts", "key_event": "the mark as a key event",
		"pinned": "the pin", "summary": "the mark as a summary", "byline": "the byline", "happened_at": "when it happened",
	}[field]
}

func (n Notice) kept() string {
	names := make([]string, len(n.Kept))
	for i, field := range n.Kept {
		names[i] = KeptName(field)
	}
	return strings.Join(names, ", ")
}

func (n Notice) keptFrom() string {
	if last := len(n.KeptFrom) - 1; last > 0 {
		return strings.Join(n.KeptFrom[:last], ", ") + " and " + n.KeptFrom[last]
	}
	return cmp.Or(strings.Join(n.KeptFrom, ""), "others")
}

// SettingsPage is the page on which a blog's own fields are edited.
type SettingsPage struct {
	Desk Desk
	Blog liveblog.Blog
	Form BlogForm
}

// EntryPage is the page on which an entry is edited.
type EntryPage struct {
	Desk  Desk
	Blog  liveblog.Blog
	Setup liveblog.Setup
	Entry liveblog.Entry // the newest revision
	Form  EntryForm

	Copies    []liveblog.WorkingCopy // of the user in this blog
	Problem   string                 // what could not be done; "" for nothing
	Approvals liveblog.Approvals
}

// RemovalPage asks for confirmation before an entry is removed.
type RemovalPage struct {
	Desk      Desk
	Blog      liveblog.Blog
	Talks     liveblog.Talks
	Entry     liveblog.Entry
	TakenBack []Effect // how the removal would change the talks
	Problem   Problem
}

// HistoryPage shows revisions of an entry.
type HistoryPage struct {
	Desk      Desk
	Blog      liveblog.Blog
	Entry     liveblog.Entry // the newest revision
	Revisions []RevisionView // newest first
	Approvals liveblog.Approvals
	Audit     []liveblog.AuditLine
	SetAside  []SetAsideView // newest first
	Purged    bool           // a text has just been purged
	Before    int            // from the request: show revisions below this one; 0 for the newest
	Older     int            // the value of Before for the next page; 0 if there are no older revisions
}

// KeptPage replaces a page that cannot be shown, so that what was typed is not lost.
type KeptPage struct {
	Desk    Desk
	Title   string
	Problem Problem
	Form    templ.Component // nil if nothing was typed
}

// RevisionView is a revision and what it has changed.
type RevisionView struct {
	Entry      liveblog.Entry
	Changes    []diff.FieldChange
	AfterPurge bool // the revision before it was purged, so that Changes is empty
}

// Revisions compares each revision with the one before it; revisions are sorted newest first. All comparisons
// together take no longer than within; once that has passed, a changed text is shown as deleted and inserted as a
// whole. Times in acts are those of loc.
func Revisions(revisions []liveblog.Entry, loc *time.Location, within time.Duration) []RevisionView {
	deadline := time.Now().Add(within)
	list := make([]RevisionView, len(revisions))
	for i, e := range revisions {
		list[i] = RevisionView{Entry: e, AfterPurge: i+1 < len(revisions) && revisions[i+1].Purged()}
		if i+1 < len(revisions) && !e.Purged() && !revisions[i+1].Purged() {
			list[i].Changes = CompareEntries(revisions[i+1], e, loc, time.Until(deadline))
		}
	}
	return list
}

// CompareEntries returns the differences between two states of an entry, in the fields that editors can change. Acts
// are compared as slash commands, with times of loc.
func CompareEntries(old, new liveblog.Entry, loc *time.Location, within time.Duration) []diff.FieldChange {
	var list []diff.FieldChange
	text := func(name, old, new string) {
		if old != new {
			list = append(list, diff.FieldChange{Name: name, Passages: diff.Shorten(diff.Words(old, new, within))})
		}
	}
	whole := func(name, old, new string) {
		if old != new {
			var passages []diff.Passage
			for _, p := range []diff.Passage{{Op: diff.Deleted, Text: old}, {Op: diff.Inserted, Text: new}} {
				if p.Text != "" {
					passages = append(passages, p)
				}
			}
			list = append(list, diff.FieldChange{Name: name, Passages: passages})
		}
	}
	text("Headline", old.Headline, new.Headline)
	text("Text", old.Body, new.Body)
	if old.Acts != new.Acts {
		list = append(list, diff.FieldChange{Name: "Acts", Passages: compareActs(old.Acts, new.Acts, loc, within)})
	}
	whole("Byline", old.Author, new.Author)
	happened := func(e liveblog.Entry) string {
		if e.HappenedAt.IsZero() {
			return ""
		}
		return liveblog.FormatTime(e.HappenedAt, loc)
	}
	whole("Happened at", happened(old), happened(new))
	whole("Status", string(old.Status), string(new.Status))
	whole("Key event", yesNo(old.KeyEvent), yesNo(new.KeyEvent))
	whole("Pinned", yesNo(old.Pinned), yesNo(new.Pinned))
	whole("Summary", yesNo(old.Summary), yesNo(new.Summary))
	return list
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// mayCorrect reports whether the form edits an entry that readers have seen.
func (f EntryForm) mayCorrect() bool { return f.Base != 0 && !f.Draft }

// MayRevise reports whether the user may change the entry.
func (d Desk) MayRevise(b liveblog.Blog, e liveblog.Entry) bool {
	return !b.Archived() && liveblog.MayRevise(d.User, b.Slug, e) == nil
}

// may reports whether the user has a right on a blog, or on all blogs if the slug is empty.
func (d Desk) may(right liveblog.Right, slug string) bool {
	return liveblog.May(d.User, right, slug) == nil
}

// userRoles says in a few words which roles the user has.
func (d Desk) userRoles() string {
	if d.User.Role != "" {
		return string(d.User.Role)
	}
	if len(d.User.On) == 1 {
		return "member of one blog"
	}
	return "member of " + strconv.Itoa(len(d.User.On)) + " blogs"
}

func deskBlogPath(b liveblog.Blog) string { return "/desk/" + b.Slug }

func deskEntryPath(b liveblog.Blog, number int) string {
	return deskBlogPath(b) + "/entries/" + strconv.Itoa(number)
}

func publicEntryPath(b liveblog.Blog, number int) string {
	return "/live/" + b.Slug + "/" + strconv.Itoa(number)
}

// deskTime formats a time by the venue's clock, with the label of its zone.
func deskTime(b liveblog.Blog, t time.Time) string { return views.NewEdition(b).MomentText(t) }

// Moment is a time in a message, by the venue's clock.
func Moment(b liveblog.Blog, t time.Time) string { return deskTime(b, t) }

func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// deskExcerpt returns the beginning of a Markdown text as plain text on one line.
func deskExcerpt(body string) string { return markdown.Clip(markdown.Text(body), 280) }

// maxTyped is the most UTF-16 units that the composer accepts as text. It is above the limit of an entry, so that a
// text that is too long comes back with a message, and low enough for the limit of a request, beyond which the server
// would refuse the form unread.
const maxTyped = 100_000

// maxTypedActs is the same for the acts, which are sent with the text. Longer lists of acts need the API.
const maxTypedActs = 16_000

// entryTime is when an entry was published, or last changed if it was never published.
func entryTime(e liveblog.Entry) time.Time {
	if e.PublishedAt.IsZero() {
		return e.UpdatedAt
	}
	return e.PublishedAt
}

func labelClass(label string) string { return "label-" + strings.ReplaceAll(label, " ", "-") }

// entryLabels are the labels of an entry in lists.
func entryLabels(e liveblog.Entry) []string {
	var list []string
	if e.Status != liveblog.Published {
		list = append(list, string(e.Status))
	}
	for _, l := range []struct {
		set  bool
		name string
	}{{e.KeyEvent, "key event"}, {e.Pinned, "pinned"}, {e.Summary, "summary"}} {
		if l.set {
			list = append(list, l.name)
		}
	}
	return list
}

func blogStatuses() []liveblog.BlogStatus {
	return []liveblog.BlogStatus{liveblog.Upcoming, liveblog.Live, liveblog.Paused, liveblog.Ended}
}

// fieldState returns the attributes that connect a field with its hint and with the message about what is wrong.
func fieldState(p Problem, prefix, field string, hint bool) templ.Attributes {
	described := prefix + field + "-problem"
	if hint {
		described = prefix + field + "-hint " + described
	}
	a := templ.Attributes{"aria-describedby": described}
	if p.On(field) != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

// shownFields returns the errors of fields that the form has, so that the summary above it can link to them.
func shownFields(p Problem, names ...string) []liveblog.FieldError {
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f liveblog.FieldError) bool {
		return !slices.Contains(names, f.Field)
	})
}

// commonZones are the suggestions for a time zone; the field accepts any IANA name.
func commonZones() []string {
	return []string{
		"UTC",
		"America/Los_Angeles", "America/New_York", "America/Sao_Paulo",
		"Europe/London", "Europe/Berlin", "Europe/Brussels", "Europe/Zurich", "Europe/Paris", "Europe/Istanbul",
		"Europe/Kyiv", "Europe/Moscow",
		"Africa/Cairo", "Africa/Johannesburg", "Africa/Nairobi",
		"Asia/Riyadh", "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok", "Asia/Jakarta", "Asia/Kuala_Lumpur",
		"Asia/Singapore", "Asia/Hong_Kong", "Asia/Shanghai", "Asia/Taipei", "Asia/Seoul", "Asia/Tokyo",
		"Australia/Sydney",
	}
}
