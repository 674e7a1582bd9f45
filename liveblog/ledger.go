package liveblog

import (
	"cmp"
	"slices"
	"sync"
)

// Limits of the acts of all public entries of a blog together.
const (
	MaxBlogActs     = 20_000
	MaxBlogActBytes = 16 << 20 // of the acts in canonical form
)

// A Ledger holds the decoded statements of a blog's public entries, ordered by time. [Ledger.Fold] computes the talks
// from it. A ledger is immutable: [Ledger.With] returns another one. It is safe for concurrent use, and so are the
// talks that Fold returns, as long as nobody modifies them.
type Ledger struct {
	setup   Setup
	known   map[reference]bool // every item of the setup
	entries []ledgerEntry      // ordered by time
	acts    int                // the number of all acts, including those without effect
	bytes   int
}

// ledgerEntry is a statement with the acts that have an effect.
type ledgerEntry struct {
	By
	acts  []ledgerAct
	count int // the number of acts, including those without effect
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

// NewLedger decodes statements, which may be in any order. It accepts any content: acts that are incomplete or refer to
// items that the setup does not have are ignored.
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

// With returns a ledger in which s replaces the statement of the same entry, if there is one. If s has no acts, With
// only removes that statement.
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
	added := next.entries[last]
	i, _ := slices.BinarySearchFunc(next.entries[:last], added, func(a, b ledgerEntry) int {
		return cmp.Or(compareBy(a.By, b.By), -1) // after its equals, as in a stable sort
	})
	copy(next.entries[i+1:], next.entries[i:last])
	next.entries[i] = added
	return next
}

// Size estimates how many bytes of memory the ledger and its talks take.
func (l *Ledger) Size() int {
	const act = 1200 // an Act, a step of a history, and pointers to them
	return 2*l.bytes + act*l.acts + 200*len(l.entries)
}

// Fold returns the state of the talks after all statements. No list in the result is nil.
func (l *Ledger) Fold() Talks {
	t := newTalks(l.setup)
	for i := range l.entries {
		t.apply(&l.entries[i])
	}
	t.finish(l.entries)
	return *t
}

// Judge checks the acts of an entry and returns them tidied, or an [Invalid] error that names each field at fault. It
// checks them against the talks at the entry's time, and in place of the acts that the entry has in the ledger.
func (l *Ledger) Judge(acts Acts, by By) (Acts, error) {
	t := newTalks(l.setup)
	own := ledgerEntry{}
	for i := range l.entries {
		e := &l.entries[i]
		switch {
		case by.Entry != 0 && e.Entry == by.Entry:
			own = *e
		case before(e.By, by):
			t.apply(e)
		}
	}
	list := acts.List()
	if err := l.checkLimits(own, len(list), len(acts)); err != nil {
		return acts, err
	}
	stated := sync.OnceValue(func() map[string]bool {
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
	return acts.check(l.setup, t, by, func(claim string) bool { return stated()[claim] })
}

// checkLimits returns an [Invalid] error if an entry's acts would exceed the limits of the blog. It accepts an edit
// that does not add acts, even if the blog exceeds the limits already.
func (l *Ledger) checkLimits(own ledgerEntry, count, bytes int) error {
	const advice = "Continue in a new blog, or take acts out of older entries."
	var v FieldErrors
	if others := l.acts - own.count; count > own.count && others+count > MaxBlogActs {
		v.Addf("acts", "The public entries of this blog have %d acts, and %d is the limit of a blog. "+advice,
			others, MaxBlogActs)
	}
	if others := l.bytes - own.bytes; bytes > own.bytes && others+bytes > MaxBlogActBytes {
		v.Addf("acts", "The acts of this blog's public entries take %d bytes, and %d is the limit of a blog. "+advice,
			others, MaxBlogActBytes)
	}
	return v.err()
}
