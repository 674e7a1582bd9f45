package talks

import (
	"time"

	"readout/liveblog"
	"readout/views"
)

// recent is how long a position is marked as changed.
const recent = 24 * time.Hour

// changed reports whether the party has said something else before.
func changed(p liveblog.PositionHeld) bool { return len(p.Before) > 0 && p.Before[0].Text != p.Text }

// recentWords say that a position is new: at a past moment for certain, else for the script to show while it is so.
func recentWords(ed views.Edition, p liveblog.PositionHeld) string {
	what := "new"
	if changed(p) {
		what = "changed"
	}
	if ed.At.IsZero() {
		return ed.Say("recent-" + what)
	}
	return ed.Say("before-" + what)
}

// wasRecent reports whether something was new at the past moment that the page is of.
func wasRecent(ed views.Edition, at time.Time) bool {
	return !ed.At.IsZero() && at.After(ed.At.Add(-recent)) && !at.After(ed.At)
}

func heldByAny(t *liveblog.Talks, track liveblog.Track) bool {
	for _, p := range t.Positions {
		if p.Track == track.ID {
			return true
		}
	}
	return false
}
