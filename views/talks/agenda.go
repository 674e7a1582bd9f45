package talks

import (
	"cmp"
	"slices"
	"time"

	"readout/liveblog"
	"readout/views"
)

// AgendaHTML returns the timetable at a glance, as it stands above the stream and goes over the wire.
func AgendaHTML(b liveblog.Blog, t *liveblog.Talks) string {
	return views.Fragment(agenda(views.NewEdition(b), t))
}

// SessionWords is what there is to say of a session beside its times, for example "Under way, 40 min later than
// planned".
func SessionWords(b liveblog.Blog, s liveblog.SessionStanding) string {
	ed := views.NewEdition(b)
	return SessionState(ed, s.Status) + ed.AfterComma(slip(ed, s))
}

// SessionTitle is what a session is called in a calendar, with what those show too faintly: that a time will not hold.
func SessionTitle(b liveblog.Blog, s liveblog.SessionStanding) string {
	if s.Status == liveblog.Postponed {
		ed := views.NewEdition(b)
		return ed.Say("topic", "topic", SessionState(ed, s.Status)) + " " + s.Name
	}
	return s.Name
}

// SessionState is how a session's status is written.
func SessionState(ed views.Edition, status string) string {
	return ed.Label("session-", cmp.Or(status, liveblog.Planned))
}

// dated reports whether it is known when the session is: one that is postponed has no time until it gets a new one.
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

// slip says how far a session is from its first plan, in words; "" where it is not, or where that means nothing.
func slip(ed views.Edition, s liveblog.SessionStanding) string {
	if s.Status == liveblog.Cancelled || !dated(s) {
		return ""
	}
	return apart(ed, s.Starts, s.From)
}

// apart says how much later than planned something is: in hours and minutes as they pass, or, from a day on, in days of
// the venue's calendar, which some nights of the year are an hour longer or shorter than others.
func apart(ed views.Edition, planned, real time.Time) string {
	planned, real = planned.In(ed.Loc).Truncate(time.Minute), real.In(ed.Loc).Truncate(time.Minute)
	key := "slip-later"
	if real.Before(planned) {
		planned, real = real, planned
		key = "slip-earlier"
	}
	length := real.Sub(planned)
	if length == 0 {
		return ""
	}
	if onWall := wall(real).Sub(wall(planned)); onWall >= 24*time.Hour {
		length = onWall
	}
	return ed.Say(key, "length", lengthOf(ed, length))
}

// wall is a time as a clock and a calendar show it, without the zone.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// lengthOf writes a length of whole minutes, for example "1 h 10 min" or "2 days 3 h".
func lengthOf(ed views.Edition, d time.Duration) (length string) {
	const day = 24 * time.Hour
	for _, part := range []struct {
		key string
		n   int
	}{
		{"length-days", int(d / day)}, {"length-hours", int(d % day / time.Hour)}, {"length-minutes", int(d % time.Hour / time.Minute)},
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

// glance returns what an agenda comes to: what is under way, and what is next. A session that was never said to begin
// is not next once one that was planned after it has begun.
func glance(t *liveblog.Talks) (now []liveblog.SessionStanding, next *liveblog.SessionStanding) {
	begun := time.Time{}
	for _, s := range t.Agenda {
		if (s.Status == liveblog.UnderWay || s.Status == liveblog.Over) && s.Starts.After(begun) {
			begun = s.Starts
		}
		if s.Status == liveblog.UnderWay {
			now = append(now, s)
		}
	}
	for i, s := range t.Agenda {
		missed := s.Starts.Before(begun) && s.From.Before(begun)
		if (s.Status == liveblog.Planned || s.Status == liveblog.Postponed && dated(s)) && !missed {
			return now, &t.Agenda[i]
		}
	}
	return now, nil
}

// agendaDay is the sessions that begin on one day of the venue.
type agendaDay struct {
	title    string // empty for those whose time is not known
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

// longDay is a day as a heading.
func longDay(ed views.Edition, t time.Time) string {
	return ed.Words.LongDate(t.In(ed.Loc))
}

// endOf writes the end of something that began at from: with its day where midnight lies between.
func endOf(ed views.Edition, from, to time.Time) string {
	if ed.Day(from) == ed.Day(to) {
		return ed.Clock(to)
	}
	return ed.Clock(to) + ed.AfterComma(dayInYear(ed, to))
}

// dayInYear is a day where the year is plain.
func dayInYear(ed views.Edition, t time.Time) string {
	return ed.Words.DayMonth(t.In(ed.Loc))
}

// elsewhere is a time of the venue as a clock in another place shows it.
type elsewhere struct{ place, time string }

// capitals are the clocks of the parties' capitals, without those that show the venue's time. The day is there where it
// is not the venue's.
func capitals(ed views.Edition, setup liveblog.Setup, t time.Time) (clocks []elsewhere) {
	for _, p := range setup.Parties {
		loc, err := time.LoadLocation(p.TimeZone)
		if p.Capital == "" || err != nil || slices.ContainsFunc(clocks, func(e elsewhere) bool { return e.place == p.Capital }) {
			continue
		}
		there := ed
		there.Loc = loc
		if wall(t.In(loc)).Equal(wall(t.In(ed.Loc))) {
			continue
		}
		text := there.Clock(t)
		if there.Day(t) != ed.Day(t) {
			text += ed.AfterComma(dayInYear(there, t))
		}
		clocks = append(clocks, elsewhere{p.Capital, text})
	}
	return clocks
}
