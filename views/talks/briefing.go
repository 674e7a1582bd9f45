package talks

import (
	"time"

	"readout/liveblog"
)

// BriefingPage is the data of the briefing. Head is of the same moment as the talks.
type BriefingPage struct {
	Page
	Head liveblog.Head
}

// How many items of the longer lists a briefing shows.
const (
	briefingClaims = 6
	briefingEvents = 6
)

// updatedAt returns when anything on the briefing last changed; zero if nothing has happened yet.
func (p BriefingPage) updatedAt() (at time.Time) {
	include := func(t time.Time) {
		if t.After(at) {
			at = t
		}
	}
	if p.Head.Summary != nil {
		include(p.Head.Summary.UpdatedAt)
	}
	for _, e := range p.Head.KeyEvents {
		include(e.PublishedAt)
	}
	t := p.Talks
	for _, s := range t.Board {
		include(s.By.At)
	}
	for _, s := range t.Positions {
		include(s.By.At)
	}
	for _, s := range t.Claims {
		include(s.By.At)
	}
	for _, s := range t.Agenda {
		include(s.By.At)
	}
	for _, f := range t.Figures {
		include(f.By.At)
	}
	return at
}

// positionsOn is the parties' latest positions on one track.
type positionsOn struct {
	track     liveblog.Track
	positions []liveblog.PositionHeld
}

// positionsByTrack returns the tracks on which any party has a position.
func positionsByTrack(t *liveblog.Talks) (list []positionsOn) {
	byTrack := map[string][]liveblog.PositionHeld{}
	for _, p := range t.Positions {
		byTrack[p.Track] = append(byTrack[p.Track], p)
	}
	for _, track := range t.Setup.Tracks {
		if positions := byTrack[track.ID]; positions != nil {
			list = append(list, positionsOn{track, positions})
		}
	}
	return list
}

// topClaims returns the claims that changed last, without withdrawn ones.
func topClaims(t *liveblog.Talks) (list []liveblog.ClaimStanding) {
	for _, c := range t.Claims {
		if c.Status != liveblog.Withdrawn && len(list) < briefingClaims {
			list = append(list, c)
		}
	}
	return list
}
