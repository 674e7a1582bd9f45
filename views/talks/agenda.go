package talks

import (
	"cmp"
	"time"

	"readout/liveblog"
	"readout/views"
)

// AgendaHTML returns the agenda at a glance, as it is shown above the stream and sent over the live connection.
func AgendaHTML(b liveblog.Blog, t *liveblog.Talks) string {
	return views.Fragment(agenda(views.NewEdition(b), t))
}

// SessionWords returns the status of a session and how far it is from its plan, for example
// "Under way, 40 min later than planned".
func SessionWords(b liveblog.Blog, s liveblog.SessionStanding) string {
	ed := views.NewEdition(b)
	return SessionState(ed, s.Status) + ed.AfterComma(slip(ed, s))
}

// SessionTitle returns the name of a session for a calendar. It begins with the status of a postponed session, since
// calendars show a tentative time too faintly.
func SessionTitle(b liveblog.Blog, s liveblog.SessionStanding) string {
	if s.Status == liveblog.Postponed {
		ed := views.NewEdition(b)
		return ed.Say("topic", "topic", SessionState(ed, s.Status)) + " " + s.Name
	}
	return s.Name
}

// SessionState returns the label of a session's status; an empty status counts as planned.
func SessionState(ed views.Edition, status string) string {
	return ed.Label("session-", cmp.Or(status, liveblog.Planned))
}

// dated reports whether the time of a session is known. A postponed session has none until it gets a new one.
func dated(s liveblog.SessionStanding) bool {
	if s.Status != liveblog.Postponed {
		return true
	}
	before := s.Starts
	if len(s.History) > 1 {
		before = s.History[1].From
	}
	return !s.From.Equal(before)
}

// slip says how far a session is from its first plan, e.g. "40 min later than planned". It returns "" for a session
// that is on time, cancelled or without a time.
func slip(ed views.Edition, s liveblog.SessionStanding) string {
	if s.Status == liveblog.Cancelled || !dated(s) {
		return ""
	}
	return slipBetween(ed, s.Starts, s.From)
}

// slipBetween says how much later or earlier than planned an actual time is, "" for not at all. Differences below a day
// are in elapsed hours and minutes. From a day on they are in days of the venue's calendar, since a day on which the
// clocks change has 23 or 25 hours.
func slipBetween(ed views.Edition, planned, actual time.Time) string {
	planned, actual = planned.In(ed.Loc).Truncate(time.Minute), actual.In(ed.Loc).Truncate(time.Minute)
	key := "slip-later"
	if actual.Before(planned) {
		planned, actual = actual, planned
		key = "slip-earlier"
	}
	length := actual.Sub(planned)
	if length == 0 {
		return ""
	}
	if onCalendar := wallClock(actual).Sub(wallClock(planned)); onCalendar >= 24*time.Hour {
		length = onCalendar
	}
	return ed.Say(key, "length", durationText(ed, length))
}

// wallClock returns the date and time of day of t to the minute, as a time in UTC.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// durationText formats whole minutes, for example as "1 h 10 min" or "2 days 3 h".
func durationText(ed views.Edition, d time.Duration) (length string) {
	const day = 24 * time.Hour
	for _, part := range []struct {
		key string
		n   int
	}{
		{"length-days", int(d / day)},
		{"length-hours", int(d % day / time.Hour)},
		{"length-minutes", int(d % time.Hour / time.Minute)},
	} {
		switch text := ed.Words.Count(part.key, part.n); {
		case part.n == 0:
		case length == "":
			length = text
		default:
			length = ed.Say("length", "longer", length, "shorter", text)
		}
	}
	return length
}

// nowAndNext returns the sessions that are under way and the next one, nil for none. A session that nobody reported as
// begun is no longer next once a session that was planned for later has begun.
func nowAndNext(t *liveblog.Talks) (now []liveblog.SessionStanding, next *liveblog.SessionStanding) {
	var latestBegun time.Time // by the plan
	for _, s := range t.Agenda {
		if (s.Status == liveblog.UnderWay || s.Status == liveblog.Over) && s.Starts.After(latestBegun) {
			latestBegun = s.Starts
		}
		if s.Status == liveblog.UnderWay {
			now = append(now, s)
		}
	}
	for i, s := range t.Agenda {
		missed := s.Starts.Before(latestBegun) && s.From.Before(latestBegun)
		if (s.Status == liveblog.Planned || s.Status == liveblog.Postponed && dated(s)) && !missed {
			return now, &t.Agenda[i]
		}
	}
	return now, nil
}

// agendaDay is the sessions that begin on one day at the venue.
type agendaDay struct {
	title    string // empty for the sessions without a known time
	sessions []liveblog.SessionStanding
}

func agendaDays(ed views.Edition, t *liveblog.Talks) (days []agendaDay) {
	var undated []liveblog.SessionStanding
	for _, s := range t.Agenda {
		if !dated(s) {
			undated = append(undated, s)
			continue
		}
		title := longDay(ed, s.From)
		if len(days) == 0 || days[len(days)-1].title != title {
			days = append(days, agendaDay{title: title})
		}
		last := &days[len(days)-1]
		last.sessions = append(last.sessions, s)
	}
	if len(undated) > 0 {
		days = append(days, agendaDay{sessions: undated})
	}
	return days
}

// longDay formats a day as a heading.
func longDay(ed views.Edition, t time.Time) string {
	return ed.Words.LongDate(t.In(ed.Loc))
}

// endOf formats the end of something that began at from, with the day if that is another.
func endOf(ed views.Edition, from, to time.Time) string {
	if ed.Day(from) == ed.Day(to) {
		return ed.Clock(to)
	}
	return ed.Clock(to) + ed.AfterComma(dayInYear(ed, to))
}

// dayInYear formats a day without the year.
func dayInYear(ed views.Edition, t time.Time) string {
	return ed.Words.DayMonth(t.In(ed.Loc))
}

// capitalTime is a time by the clock of a party's capital.
type capitalTime struct{ city, time string }

// capitals returns the time in each party's capital where it differs from the venue's, with the day if that differs
// too.
func capitals(ed views.Edition, setup liveblog.Setup, t time.Time) (clocks []capitalTime) {
	seen := map[string]bool{}
	for _, p := range setup.Parties {
		loc, err := time.LoadLocation(p.TimeZone)
		if p.Capital == "" || err != nil || seen[p.Capital] || wallClock(t.In(loc)).Equal(wallClock(t.In(ed.Loc))) {
			continue
		}
		seen[p.Capital] = true
		capital := ed
		capital.Loc = loc
		text := capital.Clock(t)
		if capital.Day(t) != ed.Day(t) {
			text += ed.AfterComma(dayInYear(capital, t))
		}
		clocks = append(clocks, capitalTime{p.Capital, text})
	}
	return clocks
}
