package views

import "readout/liveblog"

// BoardHTML returns the tracks and their states, as they stand above the stream and go over the wire.
func BoardHTML(b liveblog.Blog, t *liveblog.Talks) string { return fragment(board(newEdition(b), t)) }

// FiguresHTML returns the figures as small cards, as they stand above the stream and go over the wire.
func FiguresHTML(b liveblog.Blog, t *liveblog.Talks) string {
	return fragment(figures(newEdition(b), t))
}

// ClaimHTML returns a claim with its status as entries that cite it show it.
func ClaimHTML(b liveblog.Blog, t *liveblog.Talks, id string) string {
	return fragment(claimCited(newEdition(b), t, id))
}
