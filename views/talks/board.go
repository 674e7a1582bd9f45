package talks

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
)

// Pages are the pages of the talks that lead to each other, by the last element of their path.
var Pages = [...]string{"board", "positions", "claims", "figures", "agenda", "speakers", "readouts", "texts", "briefing"}

// Page is a page of where the talks stand.
type Page struct {
	Site  views.Site
	Blog  liveblog.Blog
	Talks liveblog.Talks
	At    time.Time // the moment that it is of; zero for now
	Path  string    // its own, without a query
}

// edition returns the page's blog, whose links to other pages of the talks keep the moment.
func (p Page) edition() views.Edition {
	ed := views.NewEdition(p.Blog)
	ed.At = p.At
	return ed
}

// talksPath returns the address of a page of the talks, for example talksPath("board", "tariffs").
func talksPath(ed views.Edition, names ...string) templ.SafeURL {
	path := ed.Path() + "/" + strings.Join(names, "/")
	if !ed.At.IsZero() {
		path += "?at=" + url.QueryEscape(ed.RFC3339(ed.At))
	}
	return templ.SafeURL(path)
}

// localMoment is a time as a form field has it, in the venue's zone.
func localMoment(ed views.Edition, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(ed.Loc).Format("2006-01-02T15:04")
}

// capital begins a text with a capital letter.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// spokenID is an id of acts as it is read.
func spokenID(id string) string { return capital(strings.ReplaceAll(id, "-", " ")) }

func trackName(t *liveblog.Talks, id string) string {
	if track, ok := t.Setup.Track(id); ok {
		return track.Name
	}
	return spokenID(id)
}

func partyName(t *liveblog.Talks, id string) string {
	if party, ok := t.Setup.Party(id); ok {
		return party.Name
	}
	return spokenID(id)
}

// stateSteps is how many steps an agreement has from being raised to being signed.
const stateSteps = 5

// stateStep is how far a state is towards a signature; 0 where it is not on that way.
func stateStep(s liveblog.TrackState) int {
	return 1 + slices.Index([]liveblog.TrackState{liveblog.Raised, liveblog.InTalks, liveblog.TextCirculating, liveblog.Agreed, liveblog.Signed}, s)
}

// stateOrder is every state from the best to the worst.
func stateOrder() []liveblog.TrackState {
	return []liveblog.TrackState{liveblog.Signed, liveblog.Agreed, liveblog.TextCirculating, liveblog.InTalks, liveblog.Raised,
		liveblog.NotRaised, liveblog.Stalled, liveblog.Collapsed}
}

// stateName is how a state is called, and stateSaid how it is called within a sentence.
func stateName(ed views.Edition, s liveblog.TrackState) string { return ed.Label("track-", string(s)) }

func StateInSentence(ed views.Edition, s liveblog.TrackState) string {
	return ed.Label("track-said-", string(s))
}

// boardTally is the board in one line, for example "2 agreed · 3 in talks · 1 stalled".
func boardTally(ed views.Edition, board []liveblog.TrackStanding) string {
	return tally(board, stateOrder(), func(s liveblog.TrackStanding) liveblog.TrackState { return s.State },
		func(s liveblog.TrackState, n int) string { return ed.Words.Count("tally-"+string(s), n) })
}

// lastMove is when a track moved last, or the time given where none has.
func lastMove(board []liveblog.TrackStanding, otherwise time.Time) (at time.Time) {
	for _, s := range board {
		if s.By.At.After(at) {
			at = s.By.At
		}
	}
	if at.IsZero() {
		return otherwise
	}
	return at
}

// tally counts items by a quality, in the given order. A line breaks only between the counts.
func tally[T any, Q comparable](items []T, order []Q, of func(T) Q, say func(Q, int) string) string {
	count := map[Q]int{}
	for _, item := range items {
		count[of(item)]++
	}
	var parts []string
	for _, q := range order {
		if n := count[q]; n > 0 {
			parts = append(parts, strings.ReplaceAll(say(q, n), " ", "\u00a0"))
		}
	}
	return strings.Join(parts, " · ")
}

// sourceName is what a source is called: the host that it is at; empty for what is no address of the web.
func sourceName(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// HasContent reports whether there is anything to show on the pages of the talks.
func HasContent(t *liveblog.Talks) bool {
	return len(t.Board)+len(t.Claims)+len(t.Figures)+len(t.Agenda)+len(t.Quotes)+len(t.Readouts)+len(t.Texts) > 0
}

// moment is the one that the page is of, or one near to now.
func (p Page) moment() time.Time {
	if p.At.IsZero() {
		return p.Blog.UpdatedAt
	}
	return p.At
}

// currentPage marks, within a list of pages, the one that the reader is on or is below.
func currentPage(page, path string) templ.Attributes {
	switch {
	case path == page:
		return templ.Attributes{"aria-current": "page"}
	case strings.HasPrefix(path, page+"/"):
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}
