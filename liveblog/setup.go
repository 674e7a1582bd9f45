package liveblog

import (
	"fmt"
	"slices"
	"time"
)

// Setup is the items that the acts of a blog refer to: who talks about what, where and when. Editors set it at the
// desk. Its JSON form is that of the API and of files.
type Setup struct {
	Tracks   []Track      `json:"tracks"`
	Parties  []Party      `json:"parties"`
	Speakers []Speaker    `json:"speakers"`
	Meetings []Meeting    `json:"meetings"`
	Sessions []AgendaItem `json:"sessions"`
	// Approval is the states of a track that need a second editor: one editor saves an entry that moves a track there
	// as a draft, and another one publishes it. Only admins may change them.
	Approval []TrackState `json:"approval"`
}

// Track is a strand of the talks.
type Track struct {
	ID          string `json:"id"` // lower-case letters, digits and single hyphens
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Party is one side of the talks.
type Party struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Capital  string `json:"capital,omitempty"`   // whose local time is shown, e.g. "Beijing"
	TimeZone string `json:"time_zone,omitempty"` // of the capital, an IANA name
}

// Speaker is a person who is quoted.
type Speaker struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Office string `json:"office,omitempty"`
	Party  string `json:"party,omitempty"` // id; empty for a person of neither side
}

// Meeting is a meeting of which parties give accounts.
type Meeting struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	At   *time.Time `json:"at,omitempty"`
}

// AgendaItem is a session of the agenda as it was first planned.
type AgendaItem struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Place  string     `json:"place,omitempty"`
	Starts time.Time  `json:"starts"`
	Ends   *time.Time `json:"ends,omitempty"`
}

// Limits of a setup.
const (
	maxSetupItems = 100 // of each kind
	maxItemName   = 120 // characters
	maxItemText   = 400 // characters
)

// withoutNil returns a copy in which no list is nil.
func (s Setup) withoutNil() Setup {
	s.Tracks, s.Parties, s.Speakers = copied(s.Tracks), copied(s.Parties), copied(s.Speakers)
	s.Meetings, s.Sessions, s.Approval = copied(s.Meetings), copied(s.Sessions), copied(s.Approval)
	return s
}

func copied[T any](items []T) []T { return append([]T{}, items...) }

// Checked returns a copy of the setup with tidied texts and without nil lists, or an [Invalid] error that names each
// field at fault, for example "parties[1].time_zone".
func (s Setup) Checked() (Setup, error) {
	var v FieldErrors
	s = s.withoutNil()
	checkItems(&v, "tracks", s.Tracks, func(at string, t *Track) (*string, *string) {
		t.Description = v.line(at+".description", "description", t.Description, maxItemText)
		return &t.ID, &t.Name
	})
	checkItems(&v, "parties", s.Parties, func(at string, p *Party) (*string, *string) {
		p.Capital = v.line(at+".capital", "capital", p.Capital, maxItemName)
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
			v.Addf(at+".time_zone", "“%s” is not a time zone; use an IANA name such as Asia/Shanghai.",
				clip(p.TimeZone, 60))
		}
		if (p.Capital == "") != (p.TimeZone == "") {
			v.Addf(at+".time_zone", "A capital needs a time zone, and a time zone needs a capital.")
		}
		return &p.ID, &p.Name
	})
	checkItems(&v, "speakers", s.Speakers, func(at string, p *Speaker) (*string, *string) {
		p.Office = v.line(at+".office", "office", p.Office, maxItemText)
		if _, ok := s.Party(p.Party); !ok && p.Party != "" {
			v.Addf(at+".party", "There is no party “%s”.", clip(p.Party, 60))
		}
		return &p.ID, &p.Name
	})
	checkItems(&v, "meetings", s.Meetings, func(at string, m *Meeting) (*string, *string) {
		m.At = v.moment(at+".at", m.At)
		return &m.ID, &m.Name
	})
	checkItems(&v, "sessions", s.Sessions, func(at string, x *AgendaItem) (*string, *string) {
		x.Place = v.line(at+".place", "place", x.Place, maxItemText)
		if x.Starts.IsZero() {
			v.Addf(at+".starts", "A session needs a time to start.")
			return &x.ID, &x.Name
		}
		x.Ends = v.moment(at+".ends", x.Ends)
		if starts := v.moment(at+".starts", &x.Starts); starts != nil {
			x.Starts = *starts
		}
		if x.Ends != nil && !x.Ends.After(x.Starts) {
			v.Addf(at+".ends", "The session ends before it starts.")
		}
		return &x.ID, &x.Name
	})
	for i, state := range s.Approval {
		state = choice(state, TrackStates())
		s.Approval[i] = state
		at := fmt.Sprintf("approval[%d]", i)
		switch {
		case !state.valid():
			v.Addf(at, "“%s” is not a state of a track; the states are %s.",
				clip(string(state), 60), listed(trackStateWords()))
		case slices.Contains(s.Approval[:i], state):
			v.Addf(at, "The state “%s” is there twice.", state)
		}
	}
	return s, v.err()
}

// checkItems checks the rules for all kinds of items: their number, and that each has a unique id and a name. The
// function rest checks the other fields of an item and returns pointers to its id and name.
func checkItems[T any](v *FieldErrors, field string, items []T, rest func(at string, item *T) (id, name *string)) {
	if len(items) > maxSetupItems {
		v.Addf(field, "There are %d %s; %d is the limit.", len(items), field, maxSetupItems)
		return
	}
	seen := map[string]bool{}
	for i := range items {
		at := fmt.Sprintf("%s[%d]", field, i)
		id, name := rest(at, &items[i])
		if !isSlug(*id) {
			v.Addf(at+".id", "“%s” is no id; it takes lower-case letters, digits and single hyphens between them.",
				clip(*id, 60))
		} else if seen[*id] {
			v.Addf(at+".id", "The id “%s” is there twice.", clip(*id, 60))
		}
		seen[*id] = true
		if *name = v.line(at+".name", "name", *name, maxItemName); *name == "" {
			v.Addf(at+".name", "It needs a name.")
		}
	}
}

// find returns the first item that satisfies is, or the zero value.
func find[T any](items []T, is func(T) bool) (item T, ok bool) {
	if i := slices.IndexFunc(items, is); i >= 0 {
		return items[i], true
	}
	return item, false
}

// Track returns the track with the id.
func (s Setup) Track(id string) (Track, bool) {
	return find(s.Tracks, func(t Track) bool { return t.ID == id })
}

// Party returns the party with the id.
func (s Setup) Party(id string) (Party, bool) {
	return find(s.Parties, func(p Party) bool { return p.ID == id })
}

// Speaker returns the speaker with the id.
func (s Setup) Speaker(id string) (Speaker, bool) {
	return find(s.Speakers, func(p Speaker) bool { return p.ID == id })
}

// Meeting returns the meeting with the id.
func (s Setup) Meeting(id string) (Meeting, bool) {
	return find(s.Meetings, func(m Meeting) bool { return m.ID == id })
}

// Session returns the session with the id.
func (s Setup) Session(id string) (AgendaItem, bool) {
	return find(s.Sessions, func(x AgendaItem) bool { return x.ID == id })
}
