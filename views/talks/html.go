package talks

import (
	"readout/liveblog"
	"readout/views"
)

// BoardHTML returns the tracks with their states, as they are shown above the stream and sent over the live connection.
func BoardHTML(b liveblog.Blog, t *liveblog.Talks) string {
	return views.Fragment(board(views.NewEdition(b), t))
}

// FiguresHTML returns the figures as small cards, as they are shown above the stream and sent over the live connection.
func FiguresHTML(b liveblog.Blog, t *liveblog.Talks) string {
	return views.Fragment(figures(views.NewEdition(b), t))
}

// ClaimHTML returns a claim with its present status, as it is shown in the entries that make or cite it.
func ClaimHTML(b liveblog.Blog, t *liveblog.Talks, id string) string {
	return views.Fragment(claimCited(views.NewEdition(b), t, id))
}
