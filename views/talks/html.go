package talks

import (
	"readout/liveblog"
	"readout/views"
)

// BoardHTML returns the tracks and their states, as they stand above the stream and go over the wire.
func BoardHTML(b liveblog.Blog, t *liveblog.Talks) string {
	return views.Fragment(board(views.NewEdition(b), t))
}

// FiguresHTML returns the figures as small cards, as they stand above the stream and go over the wire.
func FiguresHTML(b liveblog.Blog, t *liveblog.Talks) string {
	return views.Fragment(figures(views.NewEdition(b), t))
}

// ClaimHTML returns a claim with its status as entries that cite it show it.
func ClaimHTML(b liveblog.Blog, t *liveblog.Talks, id string) string {
	return views.Fragment(claimCited(views.NewEdition(b), t, id))
}
