package liveblog

import "slices"

// TrackState says how far the talks on a track have come.
type TrackState string

// The states of a track: first those on the way to an agreement, in their order, then those of failing talks.
const (
	NotRaised       TrackState = "not_raised"
	Raised          TrackState = "raised"
	InTalks         TrackState = "in_talks"
	TextCirculating TrackState = "text_circulating"
	Agreed          TrackState = "agreed"
	Signed          TrackState = "signed"
	Stalled         TrackState = "stalled"
	Collapsed       TrackState = "collapsed"
)

// TrackStates returns every state of a track, in the order of the constants.
func TrackStates() []TrackState {
	return []TrackState{NotRaised, Raised, InTalks, TextCirculating, Agreed, Signed, Stalled, Collapsed}
}

func (s TrackState) valid() bool { return slices.Contains(TrackStates(), s) }

// Name returns the state in words, for example "text circulating".
func (s TrackState) Name() string { return spaced(string(s)) }

// TrackStanding is the state of a track and its history.
type TrackStanding struct {
	Track
	State   TrackState `json:"state"`
	By      By         `json:"by"`      // of the latest move; zero, which is null in JSON, if there was none
	History []Moved    `json:"history"` // latest first
}

// Moved is one move of a track.
type Moved struct {
	From   TrackState `json:"from"`
	To     TrackState `json:"to"`
	Source string     `json:"source,omitempty"`
	By     By         `json:"by"`
}

func moveRule() actRule {
	return actRule{
		kind: ActMove, required: []string{"track", "to"}, optional: []string{"source"},
		choice: "to", choices: trackStateWords,
		check: checkMove, apply: (*Talks).move,
		usage: "/move rare earths → in talks",
		command: func(p *command) Act {
			track, to := p.pair(arrowForms, []string{" to "})
			return Act{
				Kind: ActMove, Track: p.track(track), To: TrackState(p.word("to", to, trackStateWords())),
				Source: p.option("source"),
			}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Track, "→", a.To.Name())
			w.option("source", a.Source)
		},
	}
}

func trackStateWords() []string {
	var all []string
	for _, s := range TrackStates() {
		all = append(all, string(s))
	}
	return all
}

// mayFollow reports whether a move is legal. Talks may always advance, stall, collapse or go back, but only what has
// been discussed can be agreed, and only what has been agreed can be signed.
func (s TrackState) mayFollow(from TrackState) bool {
	switch s {
	case from:
		return false
	case Agreed:
		return from == InTalks || from == TextCirculating || from == Signed || from == Stalled
	case Signed:
		return from == Agreed
	case Stalled, Collapsed:
		return from != NotRaised
	}
	return true
}

// Next returns the states to which a track may go from s.
func (s TrackState) Next() (list []TrackState) {
	for _, to := range TrackStates() {
		if to.mayFollow(s) {
			list = append(list, to)
		}
	}
	return list
}

func checkMove(c *actCheck, a Act, t *Talks) {
	if !a.To.valid() {
		c.fieldf("to", "“%s” is not a state of a track; the states are %s.",
			clip(string(a.To), 60), listed(trackStateWords()))
		return
	}
	if t == nil {
		return
	}
	now := t.track(a.Track).State
	switch {
	case now == a.To:
		c.fieldf("to", "The track “%s” is %s already.", a.Track, now.Name())
	case !a.To.mayFollow(now):
		c.fieldf("to", "The track “%s” is %s; it cannot go to %s from there.", a.Track, now.Name(), a.To.Name())
	}
}

func (t *Talks) startBoard() {
	for _, track := range t.Setup.Tracks {
		t.Board = append(t.Board, TrackStanding{Track: track, State: NotRaised, History: []Moved{}})
	}
}

func (t *Talks) track(id string) *TrackStanding {
	if i, ok := t.index.tracks[id]; ok {
		return &t.Board[i]
	}
	return &TrackStanding{State: NotRaised}
}

func (t *Talks) move(a Act, by By) {
	s := t.track(a.Track)
	if s.State == a.To || !a.To.valid() {
		return // a move in between was withdrawn
	}
	s.History = append(s.History, Moved{From: s.State, To: a.To, Source: a.Source, By: by})
	s.State, s.By = a.To, by
}

func (t *Talks) orderBoard() {
	for i := range t.Board {
		slices.Reverse(t.Board[i].History)
	}
}

// NeedsSecondEditor reports whether the acts move a track to a state that needs the approval of a second editor.
func (s Setup) NeedsSecondEditor(acts Acts) bool {
	return len(movesTo(s.Approval, acts.List())) > 0
}
