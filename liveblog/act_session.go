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

// SessionStanding is the state of a session and its history. The embedded item is the session as it was first planned.
type SessionStanding struct {
	AgendaItem
	Status  string        `json:"status"`
	From    time.Time     `json:"from"`         // when it starts or started
	To      *time.Time    `json:"to,omitempty"` // when it ends or ended; nil if that is not known
	By      By            `json:"by"`           // zero, which is null in JSON, if no entry has changed it
	History []SessionStep `json:"history"`      // latest first
}

// SessionStep is one change of a session.
type SessionStep struct {
	Status string     `json:"status"`
	From   time.Time  `json:"from"`
	To     *time.Time `json:"to,omitempty"`
	By     By         `json:"by"`
}

// Slip returns how much later than first planned the session starts or started. It is negative if the session is early.
func (s SessionStanding) Slip() time.Duration { return s.From.Sub(s.Starts) }

func sessionRule() actRule {
	return actRule{
		kind: ActSession, required: []string{"session", "status"}, optional: []string{"starts", "ends"},
		choice: "status", choices: sessionStatuses,
		check: checkSession, apply: (*Talks).reschedule,
		usage: "/session leaders under way | starts 2025-10-30 11:00 | ends 2025-10-30 12:40",
		command: func(p *command) Act {
			session, status := p.cutStatus(sessionStatuses())
			return Act{
				Kind: ActSession, Session: p.session(session), Status: status,
				Starts: p.time("starts"), Ends: p.time("ends"),
			}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Session, spaced(a.Status))
			w.time("starts", a.Starts)
			w.time("ends", a.Ends)
		},
	}
}

// NextSessionStatuses returns the statuses that a session with a status may get, besides its own.
func NextSessionStatuses(status string) (list []string) {
	for _, next := range sessionStatuses() {
		if next != status && sessionMayBecome(status, next) {
			list = append(list, next)
		}
	}
	return list
}

// sessionMayBecome reports whether a session may get a status: one that was cancelled cannot be over.
func sessionMayBecome(status, next string) bool { return next != Over || status != Cancelled }

func checkSession(c *actCheck, a Act, t *Talks) {
	if !slices.Contains(sessionStatuses(), a.Status) {
		c.fieldf("status", "“%s” is not a status of a session; they are %s.",
			clip(a.Status, 60), listed(sessionStatuses()))
		return
	}
	if a.Starts != nil && a.Ends != nil && !a.Ends.After(*a.Starts) {
		c.fieldf("ends", "The session ends before it starts.")
		return
	}
	if t == nil {
		return
	}
	now := *t.session(a.Session)
	next := now.after(a, c.by.At)
	switch reversed := next.To != nil && !next.To.After(next.From); {
	case !sessionMayBecome(now.Status, a.Status):
		c.fieldf("status", "The session “%s” was cancelled; it cannot be over.", a.Session)
	case a.Status == now.Status && next.From.Equal(now.From) && sameTime(next.To, now.To):
		c.fieldf("status", "The session “%s” is %s already.", a.Session, spaced(a.Status))
	case reversed && a.Ends != nil:
		c.fieldf("ends", "The session ends before it starts.")
	case reversed:
		c.fieldf("starts", "The session “%s” would end before it starts; say when it starts and ends.", a.Session)
	}
}

func sameTime(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

func (t *Talks) startAgenda() {
	for _, s := range t.Setup.Sessions {
		t.Agenda = append(t.Agenda, SessionStanding{
			AgendaItem: s, Status: Planned, From: s.Starts, To: s.Ends, History: []SessionStep{},
		})
	}
}

func (t *Talks) session(id string) *SessionStanding {
	if i, ok := t.index.sessions[id]; ok {
		return &t.Agenda[i]
	}
	return &SessionStanding{}
}

// after returns the session after an act. If the act says that the session begins or ends but gives no time, that is
// the time of the entry. If the act changes only the start, the end moves with it. A session that resumes after its end
// has no known end.
func (s SessionStanding) after(a Act, at time.Time) SessionStanding {
	var length time.Duration
	if s.To != nil {
		length = s.To.Sub(s.From)
	}
	resumes := s.Status == Over && a.Status == UnderWay
	switch {
	case a.Starts != nil:
		s.From = *a.Starts
	case a.Status == UnderWay && s.Status != UnderWay && !resumes:
		s.From = at
	}
	switch {
	case a.Ends != nil:
		s.To = a.Ends
	case a.Status == Over && s.Status != Over:
		s.To = &at
	case resumes:
		s.To = nil
	case s.To != nil && a.Status != Over:
		to := s.From.Add(length)
		s.To = &to
	}
	s.Status = a.Status
	return s
}

// reschedule applies a session's new status and times. It drops an end that is not after the start, which can happen
// after an act in between is withdrawn.
func (t *Talks) reschedule(a Act, by By) {
	fits := func(t *time.Time) bool { return t == nil || plausible(*t) }
	if !slices.Contains(sessionStatuses(), a.Status) || !fits(a.Starts) || !fits(a.Ends) {
		return
	}
	s := t.session(a.Session)
	*s = s.after(a, by.At)
	if s.To != nil && !s.To.After(s.From) {
		s.To = nil
	}
	s.By = by
	s.History = append(s.History, SessionStep{s.Status, s.From, s.To, by})
}

func (t *Talks) orderAgenda() {
	for i := range t.Agenda {
		slices.Reverse(t.Agenda[i].History)
	}
	slices.SortStableFunc(t.Agenda, func(a, b SessionStanding) int { return a.From.Compare(b.From) })
}
