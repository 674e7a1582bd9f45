package talks

import (
	"time"

	"readout/liveblog"
)

// BriefingPage is everything worth knowing on one page; the head is of the same moment as the talks.
type BriefingPage struct {
	Page
	Head liveblog.Head
}

// How much of the longer lists a briefing shows.
const (
	briefingClaims = 6
	briefingEvents = 6
)

// newestOf is the latest moment of what a briefing shows; zero where nothing has happened yet.
func (p BriefingPage) newestOf() (at time.Time) {
	see := func(t time.Time) {
		if t.After(at) {
			at = t
		}
	}
	if p.Head.Summary != nil {
		see(p.Head.Summary.UpdatedAt)
	}
	for _, e := range p.Head.KeyEvents {
		see(e.PublishedAt)
	}
	t := p.Talks
	for _, s := range t.Board {
		see(s.By.At)
	}
	for _, s := range t.Positions {
		see(s.By.At)
	}
	for _, s := range t.Claims {
		see(s.By.At)
	}
	for _, s := range t.Agenda {
		see(s.By.At)
	}
	for _, f := range t.Figures {
		see(f.By.At)
	}
	return at
}

// positionsOn is what the parties last said on one track.
type positionsOn struct {
	track     liveblog.Track
	positions []liveblog.PositionHeld
}

// positionsByTrack is every track that a party has a position on.
func positionsByTrack(t *liveblog.Talks) (list []positionsOn) {
	byTrack := map[string][]liveblog.PositionHeld{}
	for _, p := range t.Positions {
		byTrack[p.Track] = append(byTrack[p.Track], p)
	}
	for _, track := range t.Setup.Tracks {
		if of := byTrack[track.ID]; of != nil {
			list = append(list, positionsOn{track, of})
		}
	}
	return list
}

// topClaims are the claims that changed last and still stand for something.
func topClaims(t *liveblog.Talks) (list []liveblog.ClaimStanding) {
	for _, c := range t.Claims {
		if c.Status != liveblog.Withdrawn && len(list) < briefingClaims {
			list = append(list, c)
		}
	}
	return list
}
