package liveblog

import (
	"cmp"
	"slices"
)

// PositionHeld is a party's latest position on a track, and its earlier ones.
type PositionHeld struct {
	Party   string         `json:"party"`
	Track   string         `json:"track"`
	Text    string         `json:"text"`
	Speaker string         `json:"speaker,omitempty"`
	Source  string         `json:"source,omitempty"`
	By      By             `json:"by"`
	Before  []PositionHeld `json:"before,omitzero"` // latest first; their own Before is nil
}

func positionRule() actRule {
	return actRule{
		kind: ActPosition, required: []string{"party", "track", "text"}, optional: []string{"speaker", "source"},
		check: func(*actCheck, Act, *Talks) {}, apply: (*Talks).hold,
		usage: "/position China on rare earths: The controls stay. | speaker He Lifeng | source https://…",
		command: func(p *command) Act {
			party, track := p.pair([]string{" on "})
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
	i, ok := t.index.positions[positionKey{a.Party, a.Track}]
	if !ok {
		t.index.positions[positionKey{a.Party, a.Track}] = len(t.Positions)
		next.Before = []PositionHeld{}
		t.Positions = append(t.Positions, next)
		return
	}
	last := t.Positions[i]
	next.Before = last.Before
	last.Before = nil
	next.Before = append(next.Before, last)
	t.Positions[i] = next
}

func (t *Talks) orderPositions() {
	slices.SortFunc(t.Positions, func(a, b PositionHeld) int {
		return cmp.Or(t.index.tracks[a.Track]-t.index.tracks[b.Track],
			t.index.parties[a.Party]-t.index.parties[b.Party])
	})
	for i := range t.Positions {
		slices.Reverse(t.Positions[i].Before)
	}
}
