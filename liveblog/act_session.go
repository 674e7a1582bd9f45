package liveblog

import (
	"slices"
	"time"
)

// The statuses of a session.
const (
	Planned   = "planned"
	UnderWay  = "under_way"
	Over      = "over"
	Postponed = "postponed"
	Cancelled = "cancelled"
)

func sessionStatuses() []string { return []string{Planned, UnderWay, Over, Postponed, Cancelled} }

// SessionStanding is a session as it stands; the item is the first plan.
type SessionStanding struct {
	AgendaItem
	Status  string        `json:"status"`
	From    time.Time     `json:"from"`         // when it starts, or started
	To      *time.Time    `json:"to,omitempty"` // when it ends, or ended; nil where that is not known
	By      By            `json:"by"`
	History []SessionStep `json:"history"` // the latest first
}

// SessionStep is one change of a session.
type SessionStep struct {
	Status string     `json:"status"`
	From   time.Time  `json:"from"`
	To     *time.Time `json:"to,omitempty"`
	By     By         `json:"by"`
}

// Slip is how much later than first planned the session starts or started; negative where it is early.
func (s SessionStanding) Slip() time.Duration { return s.From.Sub(s.Starts) }

func sessionRule() actRule {
	return actRule{
		kind: ActSession, required: []string{"session", "status"}, others: []string{"starts", "ends"},
		check: checkSession, apply: (*Talks).time,
		usage: "/session leaders under way | starts 2025-10-30 11:00 | ends 2025-10-30 12:40",
		command: func(p *command) Act {
			session, status := p.lastOf(sessionStatuses())
			return Act{Kind: ActSession, Session: p.session(session), Status: status, Starts: p.time("starts"), Ends: p.time("ends")}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Session, spaced(a.Status))
			w.time("starts", a.Starts)
			w.time("ends", a.Ends)
		},
	}
}

func checkSession(c *actCheck, a Act, t *Talks) {
	if !slices.Contains(sessionStatuses(), a.Status) {
		c.fieldf("status", "“%s” is not a status of a session; they are %s.", clip(a.Status, 60), listed(sessionStatuses()))
		return
	}
	if a.Starts != nil && a.Ends != nil && !a.Ends.After(*a.Starts) {
		c.fieldf("ends", "The session ends before it starts.")
		return
	}
	if t == nil {
		return
	}
	now := t.session(a.Session)
	if a.Status == Over && now.Status == Cancelled {
		c.fieldf("status", "The session “%s” was cancelled; it cannot be over.", a.Session)
	}
	if a.Starts == nil && a.Ends != nil && !a.Ends.After(now.From) {
		c.fieldf("ends", "The session ends before it starts.")
	}
	if a.Status == now.Status && a.Starts == nil && a.Ends == nil {
		c.fieldf("status", "The session “%s” is %s already.", a.Session, spaced(a.Status))
	}
}

func (t *Talks) startAgenda() {
	for _, s := range t.Setup.Sessions {
		t.Agenda = append(t.Agenda, SessionStanding{AgendaItem: s, Status: Planned, From: s.Starts, To: s.Ends})
	}
}

func (t *Talks) session(id string) *SessionStanding {
	if i := slices.IndexFunc(t.Agenda, func(s SessionStanding) bool { return s.ID == id }); i >= 0 {
		return &t.Agenda[i]
	}
	return &SessionStanding{}
}

// time takes the times that the act gives. One that says that a session begins or ends without a time means the time
// of its entry.
func (t *Talks) time(a Act, by By) {
	s := t.session(a.Session)
	length := time.Duration(-1)
	if s.To != nil {
		length = s.To.Sub(s.From)
	}
	at := by.At
	switch {
	case a.Starts != nil:
		s.From = *a.Starts
	case a.Status == UnderWay && s.Status != UnderWay && !at.IsZero():
		s.From = at
	}
	switch {
	case a.Ends != nil:
		s.To = a.Ends
	case a.Status == Over && s.Status != Over && !at.IsZero():
		s.To = &at
	case length >= 0 && a.Status != Over:
		to := s.From.Add(length)
		s.To = &to
	}
	s.Status, s.By = a.Status, by
	s.History = slices.Insert(s.History, 0, SessionStep{s.Status, s.From, s.To, by})
}

func (t *Talks) orderAgenda() {
	slices.SortStableFunc(t.Agenda, func(a, b SessionStanding) int { return a.From.Compare(b.From) })
}
