package talks

import (
	"time"

	"readout/liveblog"
	"readout/views"
)

// recent is how long a position is marked as new or changed.
const recent = 24 * time.Hour

// changed reports whether the position differs from the party's position before.
func changed(p liveblog.PositionHeld) bool { return len(p.Before) > 0 && p.Before[0].Text != p.Text }

// recentWords returns the mark of a recent position. On a page of the present the script shows it as long as the
// position is recent, on a page of the past it says what was recent then.
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

// wasRecent reports whether something was recent at the past moment that the page shows; false for the present.
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
