package liveblog

import (
	"cmp"
	"slices"
	"sync"
)

// Limits of what all public entries of a blog state together.
const (
	MaxBlogActs     = 20_000
	MaxBlogActBytes = 16 << 20 // of the acts in canonical form
)

// Ledger is what the public entries of a blog state, decoded and in order of time, so that it can be folded any number of
// times. A ledger never changes: [Ledger.With] returns another one. It is safe for concurrent use, and so are the
// talks that it is folded into, as long as nobody writes to them.
type Ledger struct {
	setup   Setup
	known   map[reference]bool // every item of the setup
	entries []ledgerEntry      // in order of time
	acts    int                // of all entries, those without effect among them
	bytes   int
}

// ledgerEntry is a statement with the acts that take effect.
type ledgerEntry struct {
	By
	acts  []ledgerAct
	count int // of acts, those without effect among them
	bytes int
}

type ledgerAct struct {
	Act
	apply func(*Talks, Act, By)
}

func rulesByKind() map[ActKind]actRule {
	m := map[ActKind]actRule{}
	for _, r := range rules() {
		m[r.kind] = r
	}
	return m
}

// NewLedger reads the statements, in whatever order they are given. It takes whatever is in them: an act that is not whole,
// or that names what the setup does not have, counts for nothing.
func NewLedger(setup Setup, statements []Statement) *Ledger {
	l := &Ledger{setup: setup, known: setup.references(), entries: make([]ledgerEntry, 0, len(statements))}
	rules := rulesByKind()
	for _, s := range statements {
		l.add(l.decode(rules, s))
	}
	slices.SortStableFunc(l.entries, func(a, b ledgerEntry) int { return compareBy(a.By, b.By) })
	return l
}

func (l *Ledger) add(e ledgerEntry) {
	l.entries = append(l.entries, e)
	l.acts += e.count
	l.bytes += e.bytes
}

func (l *Ledger) decode(rules map[ActKind]actRule, s Statement) ledgerEntry {
	list := s.Acts.List()
	e := ledgerEntry{By: s.By, count: len(list), bytes: len(s.Acts)}
	for i := range list {
		rule, ok := rules[list[i].Kind]
		for _, r := range list[i].references() {
			ok = ok && l.known[r]
		}
		if ok && rule.complete(&list[i]) {
			e.acts = append(e.acts, ledgerAct{list[i], rule.apply})
		}
	}
	return e
}

// With returns the ledger with a statement in place of the one of the same entry. Without acts it is as if the entry were
// not there.
func (l *Ledger) With(s Statement) *Ledger {
	next := &Ledger{setup: l.setup, known: l.known, entries: make([]ledgerEntry, 0, len(l.entries)+1)}
	for _, e := range l.entries {
		if s.Entry == 0 || e.Entry != s.Entry {
			next.add(e)
		}
	}
	if s.Acts == "" {
		return next
	}
	next.add(next.decode(rulesByKind(), s))
	last := len(next.entries) - 1
	at := next.entries[last]
	i, _ := slices.BinarySearchFunc(next.entries[:last], at, func(a, b ledgerEntry) int { return cmp.Or(compareBy(a.By, b.By), -1) })
	copy(next.entries[i+1:], next.entries[i:last])
	next.entries[i] = at
	return next
}

// Size is about how many bytes of memory the ledger and the talks that it is folded into take.
func (l *Ledger) Size() int {
	const act = 1200 // an Act, a step of a history, and what leads to them
	return 2*l.bytes + act*l.acts + 200*len(l.entries)
}

// Fold returns where the talks stand after the statements. No list of the result is nil.
func (l *Ledger) Fold() Talks {
	t := newTalks(l.setup)
	for i := range l.entries {
		t.state(&l.entries[i])
	}
	t.finish(l.entries)
	return *t
}

// Judge returns the entry's acts tidied, or an [Invalid] error that names each field at fault. They are judged at the
// entry's place in order of time, and as if they stood in place of what it states now.
func (l *Ledger) Judge(acts Acts, by By) (Acts, error) {
	t := newTalks(l.setup)
	own := ledgerEntry{}
	for i := range l.entries {
		e := &l.entries[i]
		switch {
		case by.Entry != 0 && e.Entry == by.Entry:
			own = *e
		case before(e.By, by):
			t.state(e)
		}
	}
	list := acts.List()
	if err := l.room(own, len(list), len(acts)); err != nil {
		return acts, err
	}
	claims := sync.OnceValue(func() map[string]bool {
		all := map[string]bool{}
		for i := range l.entries {
			if by.Entry != 0 && l.entries[i].Entry == by.Entry {
				continue
			}
			for k := range l.entries[i].acts {
				if a := &l.entries[i].acts[k]; a.Kind == ActClaim {
					all[a.Claim] = true
				}
			}
		}
		for i := range list {
			if list[i].Kind == ActClaim {
				all[list[i].Claim] = true
			}
		}
		return all
	})
	return acts.check(l.setup, t, by, func(claim string) bool { return claims()[claim] })
}

// room returns an [Invalid] error where an entry's acts would be too many for the blog. A blog that is full, or fuller
// than that, still takes an edit that makes it no fuller.
func (l *Ledger) room(own ledgerEntry, count, bytes int) error {
	var v invalid
	if others := l.acts - own.count; count > own.count && others+count > MaxBlogActs {
		v.addf("acts", "The public entries of this blog have %d acts, and %d is the limit of a blog. Continue in a new blog, or take acts out of older entries.", others, MaxBlogActs)
	}
	if others := l.bytes - own.bytes; bytes > own.bytes && others+bytes > MaxBlogActBytes {
		v.addf("acts", "The acts of this blog's public entries take %d bytes, and %d is the limit of a blog. Continue in a new blog, or take acts out of older entries.", others, MaxBlogActBytes)
	}
	return v.err()
}
