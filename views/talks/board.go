// Package talks has the pages that show the state of the negotiation, and the parts of it within the blog's page and in
// entries: the board of tracks, positions, claims, figures, the agenda, quotes, the parties' accounts and texts.
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

// Pages are the pages of the talks that link to each other, by the last element of their path.
var Pages = [...]string{
	"board", "positions", "claims", "figures", "agenda", "speakers", "readouts", "texts", "briefing",
}

// Page is the data of a page of the talks.
type Page struct {
	Site  views.Site
	Blog  liveblog.Blog
	Talks liveblog.Talks
	At    time.Time // the past moment that the page shows; zero for the present
	Path  string    // the page's own, without a query
}

// edition returns the page's edition, whose links to other pages of the talks keep the moment.
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

// localMoment formats a time for an input of type datetime-local, in the venue's zone; "" for the zero time.
func localMoment(ed views.Edition, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(ed.Loc).Format("2006-01-02T15:04")
}

// capitalize makes the first letter of a text a capital.
func capitalize(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// titleFromID returns an id of an act as a title, e.g. "Joint statement" for "joint-statement".
func titleFromID(id string) string { return capitalize(strings.ReplaceAll(id, "-", " ")) }

func trackName(t *liveblog.Talks, id string) string {
	if track, ok := t.Setup.Track(id); ok {
		return track.Name
	}
	return titleFromID(id)
}

func partyName(t *liveblog.Talks, id string) string {
	if party, ok := t.Setup.Party(id); ok {
		return party.Name
	}
	return titleFromID(id)
}

// stateSteps is the number of states from being raised to being signed.
const stateSteps = 5

// stateStep returns how many of the steps towards a signature a state has reached; 0 for states off that path.
func stateStep(s liveblog.TrackState) int {
	steps := [stateSteps]liveblog.TrackState{
		liveblog.Raised, liveblog.InTalks, liveblog.TextCirculating, liveblog.Agreed, liveblog.Signed,
	}
	return 1 + slices.Index(steps[:], s)
}

// stateOrder returns all states from the best to the worst.
func stateOrder() []liveblog.TrackState {
	return []liveblog.TrackState{
		liveblog.Signed, liveblog.Agreed, liveblog.TextCirculating, liveblog.InTalks, liveblog.Raised,
		liveblog.NotRaised, liveblog.Stalled, liveblog.Collapsed,
	}
}

// stateName returns the label of a state.
func stateName(ed views.Edition, s liveblog.TrackState) string { return ed.Label("track-", string(s)) }

// StateInSentence returns the name of a state for use within a sentence.
func StateInSentence(ed views.Edition, s liveblog.TrackState) string {
	return ed.Label("track-said-", string(s))
}

// boardTally sums up the board in one line, for example "2 agreed · 3 in talks · 1 stalled".
func boardTally(ed views.Edition, board []liveblog.TrackStanding) string {
	return tally(board, stateOrder(), func(s liveblog.TrackStanding) liveblog.TrackState { return s.State },
		func(s liveblog.TrackState, n int) string { return ed.Words.Count("tally-"+string(s), n) })
}

// lastMove returns when any track last moved, or the default if none has.
func lastMove(board []liveblog.TrackStanding, byDefault time.Time) (at time.Time) {
	for _, s := range board {
		if s.By.At.After(at) {
			at = s.By.At
		}
	}
	if at.IsZero() {
		return byDefault
	}
	return at
}

// tally counts items by a quality, in the given order, and formats each count with say. Lines break only between
// counts.
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

// sourceName returns the name of a source, which is its host; "" for anything but a web address.
func sourceName(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// HasContent reports whether any page of the talks has something to show.
func HasContent(t *liveblog.Talks) bool {
	return len(t.Board)+len(t.Claims)+len(t.Figures)+len(t.Agenda)+len(t.Quotes)+len(t.Readouts)+len(t.Texts) > 0
}

// moment returns the moment that the page shows. For the present that is the blog's last update.
func (p Page) moment() time.Time {
	if p.At.IsZero() {
		return p.Blog.UpdatedAt
	}
	return p.At
}

// currentPage returns the aria-current of a link to page, which the reader is on or below if their path says so.
func currentPage(page, path string) templ.Attributes {
	switch {
	case path == page:
		return templ.Attributes{"aria-current": "page"}
	case strings.HasPrefix(path, page+"/"):
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}
