package liveblog

import "slices"

// joinActs merges the acts about each subject for themselves. They are in the order of theirs, followed by what only
// mine has.
func joinActs(origin, theirs, mine Entry) (e Entry, ok bool) {
	_, before := bySubject(origin)
	order, of := bySubject(theirs)
	mineToo, wanted := bySubject(mine)
	for _, s := range mineToo {
		if of[s] == nil {
			order = append(order, s)
		}
	}
	var joined []Act
	ok = true
	for _, s := range order {
		list, fits := joinSubject(before[s], of[s], wanted[s])
		ok = ok && fits
		joined = append(joined, list...)
	}
	return Entry{Acts: NewActs(joined)}, ok
}

// bySubject returns an entry's acts by what they are about, and the subjects in their order.
func bySubject(e Entry) (subjects []Acts, lists map[Acts][]Act) {
	lists = map[Acts][]Act{}
	for _, a := range e.Acts.List() {
		s := a.subject()
		if lists[s] == nil {
			subjects = append(subjects, s)
		}
		lists[s] = append(lists[s], a)
	}
	return subjects, lists
}

// joinSubject merges the acts about one subject. Ok is false if both sides have changed them in different ways; then
// they are mine.
func joinSubject(origin, theirs, mine []Act) (joined []Act, ok bool) {
	o, t, m := NewActs(origin), NewActs(theirs), NewActs(mine)
	switch {
	case m == o:
		return theirs, true
	case t == o || t == m:
		return mine, true
	case slices.Concat(origin, theirs, mine)[0].Kind == ActQuote:
		return joinQuotes(origin, theirs, mine)
	}
	return mine, false
}

// joinQuotes merges the quotes of one party: those of theirs that mine has not taken out, followed by what only mine has
// added. Quotes have no names, so ok is false if a quote is in neither list: both have taken it out or changed it.
func joinQuotes(origin, theirs, mine []Act) (joined []Act, ok bool) {
	inOrigin, inTheirs, inMine := actSet(origin), actSet(theirs), actSet(mine)
	for a := range inOrigin {
		if !inTheirs[a] && !inMine[a] {
			return mine, false
		}
	}
	for _, a := range theirs {
		if s := NewActs([]Act{a}); inMine[s] || !inOrigin[s] {
			joined = append(joined, a)
		}
	}
	for _, a := range mine {
		if s := NewActs([]Act{a}); !inTheirs[s] && !inOrigin[s] {
			joined = append(joined, a)
		}
	}
	return joined, true
}

func actSet(list []Act) map[Acts]bool {
	set := make(map[Acts]bool, len(list))
	for _, a := range list {
		set[NewActs([]Act{a})] = true
	}
	return set
}

// subject returns an act with only the fields that say what it is about. Quotes are about their party.
func (a Act) subject() Acts {
	s := Act{
		Kind: a.Kind, Track: a.Track, Party: a.Party, Meeting: a.Meeting, Session: a.Session,
		Claim: a.Claim, Document: a.Document, Figure: a.Figure,
	}
	switch a.Kind {
	case ActText:
		s.Version = a.Version
	}
	return NewActs([]Act{s})
}
