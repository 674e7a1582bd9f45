package desk

import (
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

// Desk is what every page of the desk knows.
type Desk struct {
	Site views.Site
	User liveblog.Actor // zero where nobody is logged in
	CSRF string         // the token that the session's forms carry
}

// Problem says why a form was not taken. The zero value says nothing.
type Problem struct {
	Message string // a whole sentence
	Fields  []liveblog.FieldError
	Login   string // the path of the login page where logging in is the way on
}

// On returns what is wrong with a field, a line for each, "" where nothing is.
func (p Problem) On(field string) string {
	var all []string
	for _, f := range p.Fields {
		if f.Field == field {
			all = append(all, f.Message)
		}
	}
	return strings.Join(all, "\n")
}

// LoginPage asks who someone is.
type LoginPage struct {
	Site    views.Site
	Email   string // as typed before
	Next    string // where to go then; "" for the desk
	Problem Problem
}

// BlogsPage lists the blogs and adds one.
type BlogsPage struct {
	Desk  Desk
	Blogs []BlogItem
	Form  BlogForm
}

// BlogItem is a blog in the list.
type BlogItem struct {
	Blog    liveblog.Blog
	Updated time.Time // of the blog or its newest entry
}

// BlogForm is the form for a blog's own fields, as it was typed.
type BlogForm struct {
	Action     string
	CSRF       string
	Slug       string // typed only for a new blog
	Title      string
	Standfirst string
	Status     string
	TimeZone   string
	Language   string
	// Seen holds the fields as they were when the form was made, so that a save leaves alone what it did not
	// change. Nil for a new blog.
	Seen    *liveblog.Blog
	Problem Problem
	Typed   bool // it holds what was typed and is not saved
}

// EntryForm is the composer, as it was typed: for a new entry where Base is 0, else for an entry's new revision.
type EntryForm struct {
	Action   string
	Preview  string // the path that renders a preview
	Picks    string // the path of what commands may name; "" where it cannot be had
	CSRF     string
	Key      string // idempotency key, for a new entry
	Base     int    // the revision that is being edited
	Number   int    // of the entry that is being edited
	Language string // of the blog, for spell checkers
	Headline string
	Body     string
	Acts     string // as commands
	Known    []PickList
	KeyEvent bool
	Pinned   bool
	Summary  bool
	Draft    bool // the entry is a draft or new, so it can be saved as a draft
	Publish  bool // whoever sees the form may publish
	Problem  Problem
	Approval bool // it was refused for want of a second editor
	Conflict *Conflict
	Rendered templ.Component // the preview; nil for none
	Typed    bool            // it holds what was typed and is not saved

	Corrects   bool   // the edit is marked as a correction
	Correction string // what readers are told of it
}

// Conflict is what stands against a save that was made from an old revision.
type Conflict struct {
	Blog    liveblog.Blog
	Current liveblog.Entry
	Changes []diff.FieldChange // from the current entry to what was typed
}

// BlogPage is a blog's page at the desk.
type BlogPage struct {
	Desk    Desk
	Blog    liveblog.Blog
	Setup   liveblog.Setup
	Form    EntryForm
	Entries []liveblog.Entry // highest number first
	Before  int              // as in the request; 0 on the first page
	Older   int              // the number to ask for older entries with; 0 where there are none
	Notice  Notice
}

// Notice says what has just been done.
type Notice struct {
	Done   string // "published", "drafted", "saved", "removed", "settings", "setup", "created"; anything else says nothing
	Number int    // of the entry
}

// SettingsPage changes a blog's own fields.
type SettingsPage struct {
	Desk Desk
	Blog liveblog.Blog
	Form BlogForm
}

// EntryPage edits an entry.
type EntryPage struct {
	Desk  Desk
	Blog  liveblog.Blog
	Setup liveblog.Setup
	Entry liveblog.Entry // in its newest state
	Form  EntryForm
}

// RemovalPage asks whether an entry is to be removed.
type RemovalPage struct {
	Desk      Desk
	Blog      liveblog.Blog
	Talks     liveblog.Talks
	Entry     liveblog.Entry
	TakenBack []Effect // what of the talks goes with it
	Problem   Problem
}

// HistoryPage shows revisions of an entry.
type HistoryPage struct {
	Desk      Desk
	Blog      liveblog.Blog
	Entry     liveblog.Entry // as it is now
	Revisions []RevisionView // the newest first
	Before    int            // the revision that these are below; 0 for the newest
	Older     int            // the revision that older ones are below; 0 where there are none
}

// KeptPage stands in for a page that cannot be shown, so that what was typed is not lost.
type KeptPage struct {
	Desk    Desk
	Title   string
	Problem Problem
	Form    templ.Component // nil where nothing was typed
}

// RevisionView is one revision and what it changed.
type RevisionView struct {
	Entry   liveblog.Entry
	Changes []diff.FieldChange
}

// Revisions compares each revision with the one before. The comparisons together take no longer than the time given;
// those that find none left are coarse. Times of acts are of loc.
func Revisions(revisions []liveblog.Entry, loc *time.Location, within time.Duration) []RevisionView {
	deadline := time.Now().Add(within)
	list := make([]RevisionView, len(revisions))
	for i, e := range revisions {
		list[i] = RevisionView{Entry: e}
		if i+1 < len(revisions) {
			list[i].Changes = CompareEntries(revisions[i+1], e, loc, time.Until(deadline))
		}
	}
	return list
}

// CompareEntries tells what differs between two states of an entry, for the fields that an editor writes. Acts are
// told as commands, with times of loc.
func CompareEntries(old, new liveblog.Entry, loc *time.Location, within time.Duration) []diff.FieldChange {
	var list []diff.FieldChange
	text := func(name, old, new string) {
		if old != new {
			list = append(list, diff.FieldChange{Name: name, Passages: diff.Shorten(diff.Words(old, new, within))})
		}
	}
	whole := func(name, old, new string) {
		if old != new {
			list = append(list, diff.FieldChange{Name: name, Passages: []diff.Passage{{Op: diff.Deleted, Text: old}, {Op: diff.Inserted, Text: new}}})
		}
	}
	text("Headline", old.Headline, new.Headline)
	text("Text", old.Body, new.Body)
	if old.Acts != new.Acts {
		list = append(list, diff.FieldChange{Name: "Acts", Passages: compareActs(old.Acts, new.Acts, loc, within)})
	}
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

// MayRevise reports whether the desk takes changes to the entry from the user.
func (d Desk) MayRevise(e liveblog.Entry) bool { return liveblog.MayRevise(d.User, e) == nil }

func deskBlogPath(b liveblog.Blog) string { return "/desk/" + b.Slug }

func deskEntryPath(b liveblog.Blog, number int) string {
	return deskBlogPath(b) + "/entries/" + strconv.Itoa(number)
}

func publicEntryPath(b liveblog.Blog, number int) string {
	return "/live/" + b.Slug + "/" + strconv.Itoa(number)
}

// deskTime is a time as the desk reads it: at the venue, with the place said.
func deskTime(b liveblog.Blog, t time.Time) string { return views.NewEdition(b).MomentText(t) }

func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// deskExcerpt is the beginning of a Markdown text in one line.
func deskExcerpt(body string) string { return markdown.Clip(markdown.Text(body), 280) }

// maxTyped is how many UTF-16 units the composer takes: more than an entry may have, so that a text over the limit
// comes back with what is wrong, and few enough to stay below the limit of a request, which is refused unread.
const maxTyped = 100_000

// maxTypedActs is the same for the acts, which come beside the text; longer ones go by the API.
const maxTypedActs = 16_000

// entryTime is when an entry was published, or last written where it never was.
func entryTime(e liveblog.Entry) time.Time {
	if e.PublishedAt.IsZero() {
		return e.UpdatedAt
	}
	return e.PublishedAt
}

func labelClass(label string) string { return "label-" + strings.ReplaceAll(label, " ", "-") }

// entryLabels are the marks that an entry carries in the list.
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

// fieldState ties a field to its hint and to what is wrong with it.
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

// shownFields are those of a problem that stand in the form, so that the list above it can link to them.
func shownFields(p Problem, names ...string) []liveblog.FieldError {
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f liveblog.FieldError) bool {
		return !slices.Contains(names, f.Field)
	})
}

// commonZones are offered where a time zone is asked for; any IANA name is taken.
func commonZones() []string {
	return []string{"UTC", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London",
		"Europe/Berlin", "Europe/Brussels", "Europe/Zurich", "Europe/Paris", "Europe/Istanbul", "Europe/Kyiv", "Europe/Moscow",
		"Africa/Cairo", "Africa/Johannesburg", "Africa/Nairobi", "Asia/Riyadh", "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok",
		"Asia/Jakarta", "Asia/Kuala_Lumpur", "Asia/Singapore", "Asia/Hong_Kong", "Asia/Shanghai", "Asia/Taipei", "Asia/Seoul",
		"Asia/Tokyo", "Australia/Sydney"}
}
