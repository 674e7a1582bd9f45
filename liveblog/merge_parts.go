package liveblog

import "strings"

func joinBodies(origin, theirs, mine Entry, prefer bool) (Entry, bool) {
	split := func(e Entry) []string {
		all := strings.SplitAfter(e.Body+"\n\n", "\n\n")
		return all[:len(all)-1]
	}
	parts, ok := joinParts(split(origin), split(theirs), split(mine), prefer)
	return Entry{Body: strings.TrimSuffix(strings.Join(parts, ""), "\n\n")}, ok
}

// maxJoin limits the work of a merge: the number of paragraphs of one text times that of another.
const maxJoin = 4_000_000

// joinParts merges two changes of a list of parts as diff3 does (Khanna, Kunal and Pierce 2007): between the parts that
// all three lists have in common, it takes the stretch of the side that has changed it. Ok is false if both have changed
// a stretch in different ways; with prefer it is mine.
func joinParts(origin, theirs, mine []string, prefer bool) (joined []string, ok bool) {
	if len(origin)*max(len(theirs), len(mine)) > maxJoin {
		return mine, false
	}
	inTheirs, inMine := common(origin, theirs), common(origin, mine)
	ok = true
	o, t, m := 0, 0, 0
	for i := 0; i <= len(origin); i++ {
		nextT, nextM := len(theirs), len(mine)
		if i < len(origin) {
			if nextT, nextM = inTheirs[i], inMine[i]; nextT < 0 || nextM < 0 {
				continue
			}
		}
		stretch, fits := joinStretch(origin[o:i], theirs[t:nextT], mine[m:nextM])
		if !fits {
			ok = false
		}
		joined = append(joined, stretch...)
		if i < len(origin) {
			joined = append(joined, origin[i])
		}
		o, t, m = i+1, nextT+1, nextM+1
	}
	if !ok && !prefer {
		return nil, false
	}
	return joined, ok
}

func joinStretch(origin, theirs, mine []string) (stretch []string, ok bool) {
	of := func(list []string) string { return strings.Join(list, "") }
	switch {
	case of(mine) == of(origin):
		return theirs, true
	case of(theirs) == of(origin) || of(theirs) == of(mine):
		return mine, true
	case len(theirs) == len(origin) && len(mine) == len(origin):
		return joinNeighbours(origin, theirs, mine)
	}
	return mine, false
}

// joinNeighbours merges a stretch in which the sides have changed parts that stand next to each other, with no part
// between them that all have in common. All three have as many parts. Ok is false if both have changed the same one.
func joinNeighbours(origin, theirs, mine []string) (joined []string, ok bool) {
	ok = true
	for i := range origin {
		switch {
		case mine[i] == origin[i]:
			joined = append(joined, theirs[i])
		case theirs[i] != origin[i] && theirs[i] != mine[i]:
			ok = false
			fallthrough
		default:
			joined = append(joined, mine[i])
		}
	}
	return joined, ok
}

// common returns, for each element of a, its place in b within a longest common subsequence of the two, or -1.
func common(a, b []string) []int {
	lengths := make([][]int32, len(a)+1)
	for i := range lengths {
		lengths[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	places := make([]int, len(a))
	for i, j := 0, 0; i < len(a); i++ {
		for j < len(b) && a[i] != b[j] && lengths[i][j+1] >= lengths[i+1][j] {
			j++
		}
		if j < len(b) && a[i] == b[j] {
			places[i] = j
			j++
		} else {
			places[i] = -1
		}
	}
	return places
}

// joinActs merges the acts about each subject for themselves. They are in the order of theirs, followed by what only
// mine has.
func joinActs(origin, theirs, mine Entry, prefer bool) (Entry, bool) {
	bySubject := func(e Entry) (subjects []Acts, lists map[Acts][]Act) {
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
	_, before := bySubject(origin)
	order, of := bySubject(theirs)
	mineToo, wanted := bySubject(mine)
	for _, s := range mineToo {
		if of[s] == nil {
			order = append(order, s)
		}
	}
	var joined []Act
	ok := true
	for _, s := range order {
		o, t, m := NewActs(before[s]), NewActs(of[s]), NewActs(wanted[s])
		switch {
		case m == o:
			joined = append(joined, of[s]...)
		case t == o || t == m:
			joined = append(joined, wanted[s]...)
		case s.List()[0].Kind == ActQuote:
			list, fits := joinQuotes(before[s], of[s], wanted[s])
			ok = ok && fits
			joined = append(joined, list...)
		default:
			ok = false
			joined = append(joined, wanted[s]...)
		}
	}
	if !ok && !prefer {
		return Entry{}, false
	}
	return Entry{Acts: NewActs(joined)}, ok
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
