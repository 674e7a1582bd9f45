package liveblog

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Passage is a part of an entry that two editors have changed in different ways: a paragraph or more of its text, the
// acts about one subject, or another field as a whole.
type Passage struct {
	ID    string // a name that stays the same while the second editor goes on writing
	Field string // as the API spells it
	// Origin, Theirs and Mine are its versions, acts as slash commands. Each can be empty.
	Origin, Theirs, Mine string
	// Start and End are where Mine is in the field, in bytes. In the body they count from a [BodyGap] before it, so that
	// each of its passages begins with a gap.
	Start, End int
	Both       bool     // it can become both versions, one after the other
	changes    []string // names of what others have changed in it
	extent     string   // a name of Origin and Theirs
	field      string   // of the entry
	subject    Acts     // of acts
}

// Choice says what becomes of a [Passage].
type Choice string

// ChooseMine keeps what is in the field.
const ChooseMine Choice = "mine"

// ChooseTheirs is the choice of their version in place of mine. It counts only while the passage has the extent that it
// has now, because what is written next to it afterwards would be lost.
func (p Passage) ChooseTheirs() Choice { return Choice("theirs-" + p.extent) }

// ChooseBoth is the choice of [Passage.Joined]. It counts as long as that of theirs does.
func (p Passage) ChooseBoth() Choice { return Choice("both-" + p.extent) }

// settled returns the choice about the passage, or "" if there is none that is valid: about all that others have changed
// in it. Choices are by the names of such changes.
func (p Passage) settled(choices map[string]Choice) Choice {
	c := choices[p.changes[0]]
	for _, name := range p.changes {
		if choices[name] != c {
			return ""
		}
	}
	if c == ChooseMine || c == p.ChooseTheirs() || p.Both && c == p.ChooseBoth() {
		return c
	}
	return ""
}

// Passages returns where an entry differs both from its origin and from theirs, in the order of its fields.
func Passages(origin, theirs, mine Entry, loc *time.Location) (list []Passage) {
	for _, f := range mergedFields() {
		if f.same(mine, origin) || f.same(theirs, origin) || f.same(mine, theirs) {
			continue
		}
		switch f.name {
		case "body":
			list = append(list, bodyPassages(origin, theirs, mine)...)
		case "acts":
			list = append(list, actPassages(origin, theirs, mine, loc)...)
		default:
			p := Passage{Field: f.name, field: f.name}
			text := f.text
			if f.command != nil {
				p.Field, text = "acts", func(e Entry) string { return f.command(e, loc) }
			}
			p.Origin, p.Theirs, p.Mine = text(origin), text(theirs), text(mine)
			list = append(list, p.within(mine, loc).named())
		}
	}
	times := map[string]int{}
	for i := range list {
		p := &list[i]
		for j, name := range p.changes { // the same may have been changed in two places
			if times[name]++; times[name] > 1 {
				p.changes[j] += "-" + strconv.Itoa(times[name])
			}
		}
		p.ID = strings.Join(p.changes, ".")
	}
	return list
}

// named gives the passage its names, if it does not have those of its changes.
func (p Passage) named(changes ...string) Passage {
	p.extent = nameOf(p.Field, p.Origin, p.Theirs)
	if p.changes = changes; len(changes) == 0 {
		p.changes = []string{p.extent}
	}
	return p
}

// within finds Mine in the field of a form, where commands stand one below the other.
func (p Passage) within(mine Entry, loc *time.Location) Passage {
	field := p.Mine
	if p.Field == "acts" {
		field = mine.Commands(loc)
	}
	if p.Start = strings.Index("\n"+field+"\n", "\n"+p.Mine+"\n"); p.Mine == "" || p.Start < 0 {
		p.Start = len(field)
	}
	p.End = min(p.Start+len(p.Mine), len(field))
	return p
}

func nameOf(field string, texts ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", field, texts))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// MaxPassages is how many passages of a text an editor is asked about. A text with more is one passage.
const MaxPassages = 100

func bodyPassages(origin, theirs, mine Entry) (list []Passage) {
	at := 0
	for _, s := range alignBodies(origin, theirs, mine) {
		p := Passage{Field: "body", field: "body", Both: true, Start: at}
		p.Origin, p.Theirs, p.Mine = strings.Join(s.origin, ""), strings.Join(s.theirs, ""), strings.Join(s.mine, "")
		at += len(p.Mine)
		p.End = at
		if _, ok := s.join(); !ok {
			list = append(list, p.named(changedParts(s.origin, s.theirs)...))
		}
	}
	if len(list) > MaxPassages {
		whole := Passage{Field: "body", field: "body", Both: true, Origin: BodyGap + origin.Body,
			Theirs: BodyGap + theirs.Body, Mine: BodyGap + mine.Body, End: len(BodyGap) + len(mine.Body)}
		return []Passage{whole.named()}
	}
	return list
}

// changedParts returns the names of what was made of a list of parts.
func changedParts(before, after []string) (names []string) {
	for _, s := range alignParts(before, after, before) {
		if !sameParts(s.origin, s.theirs) {
			names = append(names, nameOf("body", strings.Join(s.origin, ""), strings.Join(s.theirs, "")))
		}
	}
	return names
}

func actPassages(origin, theirs, mine Entry, loc *time.Location) (list []Passage) {
	_, before := bySubject(origin)
	_, changed := bySubject(theirs)
	_, wanted := bySubject(mine)
	order, _ := bySubject(origin)
	for _, e := range []Entry{theirs, mine} {
		subjects, _ := bySubject(e)
		for _, s := range subjects {
			if !slices.Contains(order, s) {
				order = append(order, s)
			}
		}
	}
	for _, s := range order {
		if _, ok := joinSubject(before[s], changed[s], wanted[s]); ok {
			continue
		}
		commands := func(list []Act) string { return NewActs(list).Commands(loc) }
		p := Passage{Field: "acts", field: "acts", subject: s, Origin: commands(before[s]), Theirs: commands(changed[s]),
			Mine: commands(wanted[s])}
		list = append(list, p.within(mine, loc).named())
	}
	return list
}

// Settle returns mine with the choices applied that were made about its passages, by their ID, and the passages without
// a valid choice.
func Settle(origin, theirs, mine Entry, choices map[string]Choice, loc *time.Location) (e Entry, open []Passage) {
	e = mine
	ofChanges := map[string]Choice{}
	for id, c := range choices {
		for name := range strings.SplitSeq(id, ".") {
			ofChanges[name] = c
		}
	}
	for _, p := range slices.Backward(Passages(origin, theirs, mine, loc)) {
		switch p.settled(ofChanges) {
		case "":
			open = append(open, p)
		case p.ChooseTheirs():
			e = p.take(e, theirs, p.Theirs)
		case p.ChooseBoth():
			e = p.take(e, theirs, p.Joined())
		}
	}
	slices.Reverse(open)
	return e, open
}

// take returns e with their version of the passage, or with text if it is one of the body.
func (p Passage) take(e, theirs Entry, text string) Entry {
	switch p.field {
	case "body":
		whole := BodyGap + e.Body
		e.Body = bodyOf(bodyParts(whole[:p.Start] + text + whole[p.End:]))
	case "acts":
		e.Acts = p.takeActs(e, theirs)
	default:
		for _, f := range mergedFields() {
			if f.name == p.field {
				f.copy(&e, theirs)
			}
		}
	}
	return e
}

func (p Passage) takeActs(e, theirs Entry) Acts {
	_, lists := bySubject(theirs)
	var all []Act
	taken := false
	for _, a := range e.Acts.List() {
		switch {
		case a.subject() != p.subject:
			all = append(all, a)
		case !taken:
			all, taken = append(all, lists[p.subject]...), true
		}
	}
	if !taken {
		all = append(all, lists[p.subject]...)
	}
	return NewActs(all)
}

// Joined returns their version followed by mine.
func (p Passage) Joined() string {
	mine := strings.TrimLeft(p.Mine, "\n")
	theirs := bodyParts(p.Theirs)
	switch {
	case mine == "":
		return p.Theirs
	case len(theirs) == 0 || strings.Contains(p.Mine, p.Theirs):
		return p.Mine
	case isItem(theirs[len(theirs)-1]) && beginsItem(mine):
		return p.Theirs + "\n" + mine
	}
	return p.Theirs + BodyGap + mine
}

// question asks an editor for a choice.
func (p Passage) question() string {
	if p.Field != "body" && p.Field != "acts" {
		return "Choose one of the versions of the " + p.Field + "."
	}
	for _, text := range []string{p.Theirs, p.Mine, p.Origin} {
		if line, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n"); !blank(line) {
			return "Choose what becomes of this passage: “" + clip(line, 60) + "”"
		}
	}
	return "Choose what becomes of the empty lines."
}
