package liveblog

import (
	"slices"
	"time"
	"unicode/utf8"
)

// Approvals is what members see at the desk about moves that need a second editor, besides the setup.
type Approvals struct {
	// Held has, by number, the drafts with moves that still need a second editor although their states have left
	// [Setup.Approval] since.
	Held map[int][]TrackState
	// Alone has, by number, the entries that one admin published without the second editor whom they needed.
	Alone map[int][]PublishedAlone
}

// PublishedAlone says who published a move without a second editor, and why.
type PublishedAlone struct {
	Revision int
	At       time.Time
	Actor    string // display name
	Reason   string
}

// The length of a reason to publish alone, in characters.
const (
	minAlone = 10
	maxAlone = 400
)

// checkAlone checks the reason of an actor who publishes without a second editor. It fails with [Forbidden] or
// [Invalid], and the field "alone". An empty reason is for entries that do not need one.
func checkAlone(by Actor, slug, reason string) (string, error) {
	var v FieldErrors
	reason = v.line("alone", "reason", reason, maxAlone)
	if reason == "" {
		return "", v.err()
	}
	if May(by, Administer, slug) != nil {
		return "", FieldErrorf(Forbidden, "alone",
			"Only admins may publish alone what needs a second editor; save a draft instead.")
	}
	if utf8.RuneCountInString(reason) < minAlone {
		v.Addf("alone", "Say in a sentence why this cannot wait for a second editor.")
	}
	return reason, v.err()
}

// SameStates reports whether two lists have the same states, in any order.
func SameStates(a, b []TrackState) bool {
	missing := func(in []TrackState) func(TrackState) bool {
		return func(s TrackState) bool { return !slices.Contains(in, s) }
	}
	return !slices.ContainsFunc(a, missing(b)) && !slices.ContainsFunc(b, missing(a))
}

// CheckApprovalKept fails with [Forbidden] and the field "approval" if a setup has other states that need a second
// editor than the one before.
func CheckApprovalKept(before, next Setup) error {
	if SameStates(before.Approval, next.Approval) {
		return nil
	}
	return FieldErrorf(Forbidden, "approval",
		"Only admins may change which moves need a second editor; nothing was saved.")
}

// HeldStates returns the states that still need a second editor in a draft when they leave the setup's list: those that
// it held before, and those that leave now and to which it moves a track.
func HeldStates(held []TrackState, before, next Setup, draft Acts) []TrackState {
	held = slices.Clone(held)
	for _, a := range movesTo(before.Approval, draft.List()) {
		if !slices.Contains(next.Approval, a.To) && !slices.Contains(held, a.To) {
			held = append(held, a.To)
		}
	}
	return held
}

// movesTo returns the acts that move a track to one of the states.
func movesTo(states []TrackState, acts []Act) (moves []Act) {
	for _, a := range acts {
		if a.Kind == ActMove && slices.Contains(states, a.To) {
			moves = append(moves, a)
		}
	}
	return moves
}

// MovesToApprove returns the moves in the acts of an entry that a second editor must publish. The states are those of
// the setup and those that the draft holds. Moves that are public already need no further approval.
func MovesToApprove(states []TrackState, prev *Entry, acts Acts) []Act {
	moves := movesTo(states, acts.List())
	if prev != nil && prev.Public() {
		public := prev.Acts.List()
		moves = slices.DeleteFunc(moves, func(a Act) bool { return hasMove(public, a) })
	}
	return moves
}

func hasMove(acts []Act, move Act) bool {
	return slices.ContainsFunc(acts, func(a Act) bool {
		return a.Kind == move.Kind && a.Track == move.Track && a.To == move.To
	})
}

// ActsChange is a revision of an entry that changed its acts.
type ActsChange struct {
	Acts  Acts
	Owner string // the person who wrote it, or to whom the token belongs; empty if that is not known
}

// MaxActsChanges is how many revisions of a draft are looked at to find out who put its acts there.
const MaxActsChanges = 500

// MayApprove reports whether a person may be the second editor of moves in a draft: somebody other than those who last
// changed its acts and who put the moves there. History has the changes of its acts, newest first, at most
// [MaxActsChanges].
func MayApprove(person string, moves []Act, history []ActsChange) bool {
	if len(history) == 0 || history[0].Owner == "" || history[0].Owner == person {
		return false
	}
	for _, move := range moves {
		by := introducer(move, history)
		if by == "" || by == person {
			return false
		}
	}
	return true
}

// introducer returns who put a move into the newest acts, or "" if that is not known.
func introducer(move Act, history []ActsChange) string {
	for i, change := range history {
		if !hasMove(change.Acts.List(), move) {
			return ""
		}
		if i+1 == len(history) && len(history) < MaxActsChanges ||
			i+1 < len(history) && !hasMove(history[i+1].Acts.List(), move) {
			return change.Owner
		}
	}
	return ""
}
