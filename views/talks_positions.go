package views

import (
	"time"

	"readout/liveblog"
)

// recent is how long a position is marked as changed.
const recent = 24 * time.Hour

// changed reports whether the party has said something else before.
func changed(p liveblog.PositionHeld) bool { return len(p.Before) > 0 && p.Before[0].Text != p.Text }

// recentWords say that a position is new: at a past moment for certain, else for the script to show while it is so.
func recentWords(ed edition, p liveblog.PositionHeld) string {
	what := "new"
	if changed(p) {
		what = "changed"
	}
	if ed.at.IsZero() {
		return ed.say("recent-" + what)
	}
	return ed.say("before-" + what)
}

// wasRecent reports whether something was new at the past moment that the page is of.
func wasRecent(ed edition, at time.Time) bool {
	return !ed.at.IsZero() && at.After(ed.at.Add(-recent)) && !at.After(ed.at)
}

func heldByAny(t *liveblog.Talks, track liveblog.Track) bool {
	for _, p := range t.Positions {
		if p.Track == track.ID {
			return true
		}
	}
	return false
}
