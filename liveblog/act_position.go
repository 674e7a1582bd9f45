package liveblog

import "slices"

// PositionHeld is what a party last said on a track, and what it said before.
type PositionHeld struct {
	Party   string         `json:"party"`
	Track   string         `json:"track"`
	Text    string         `json:"text"`
	Speaker string         `json:"speaker,omitempty"`
	Source  string         `json:"source,omitempty"`
	By      By             `json:"by"`
	Before  []PositionHeld `json:"before,omitzero"` // the latest first; those have none of their own
}

func positionRule() actRule {
	return actRule{
		kind: ActPosition, required: []string{"party", "track", "text"}, others: []string{"speaker", "source"},
		check: func(*actCheck, Act, *Talks) {}, apply: (*Talks).hold,
		usage: "/position China on rare earths: The controls stay. | speaker He Lifeng | source https://…",
		command: func(p *command) Act {
			party, track := p.pair(" on ")
			return Act{Kind: ActPosition, Party: p.party(party), Track: p.track(track), Text: p.text,
				Speaker: p.speaker(p.option("speaker")), Source: p.option("source")}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Party, "on", a.Track)
			w.text(a.Text)
			w.option("speaker", a.Speaker)
			w.option("source", a.Source)
		},
	}
}

func (t *Talks) hold(a Act, by By) {
	next := PositionHeld{Party: a.Party, Track: a.Track, Text: a.Text, Speaker: a.Speaker, Source: a.Source, By: by}
	i := slices.IndexFunc(t.Positions, func(p PositionHeld) bool { return p.Party == a.Party && p.Track == a.Track })
	if i < 0 {
		next.Before = []PositionHeld{}
		t.Positions = append(t.Positions, next)
		return
	}
	last := t.Positions[i]
	next.Before = last.Before
	last.Before = nil
	next.Before = slices.Insert(next.Before, 0, last)
	t.Positions[i] = next
}

// Position returns what the party last said on the track.
func (t *Talks) Position(party, track string) (PositionHeld, bool) {
	return find(t.Positions, func(p PositionHeld) bool { return p.Party == party && p.Track == track })
}

func (t *Talks) orderPositions() {
	all := []PositionHeld{}
	for _, track := range t.Setup.Tracks {
		for _, party := range t.Setup.Parties {
			if p, ok := t.Position(party.ID, track.ID); ok {
				all = append(all, p)
			}
		}
	}
	t.Positions = all
}
