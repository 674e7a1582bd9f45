package demo

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"readout/liveblog"
)

// entryState is what the check knows of an entry after the steps so far.
type entryState struct {
	draft, pinned, removed, live bool
	liveblog.Statement                  // what it states, and when it is public
	editor                       string // who changed it last, by the id
}

func (e entryState) public() bool { return !e.draft && !e.removed }

// check says what would make the script fail when it is played: everything that a desk and a store would refuse,
// and an order that the clock contradicts.
func (s Script) check(days int) error {
	if days < 2 {
		return fmt.Errorf("the script has %d day; it takes two or more, since the last one fills the time from the day before it to the start", days)
	}
	var faults []error
	entries := map[string]entryState{}
	for i, st := range s.seeded {
		if i > 0 && !st.at.After(s.seeded[i-1].at) {
			before := s.seeded[i-1]
			faults = append(faults, st.errorf("at %s the step is not later than the one before it, at %s (%s:%d)",
				st.at.Format(clockFormat), before.at.In(st.at.Location()).Format(clockFormat), before.file, before.line))
		}
		faults = append(faults, st.check(s.setup, st.at, entries))
	}
	for i, st := range s.live {
		at := s.seeded[len(s.seeded)-1].at.Add(time.Duration(i+1) * time.Second)
		faults = append(faults, st.check(s.setup, at, entries))
	}
	return errors.Join(faults...)
}

// check checks one step against the entries before it, and enters what it does at the given time.
func (s step) check(setup liveblog.Setup, at time.Time, entries map[string]entryState) error {
	if err := s.checkEntry(entries); err != nil {
		return err
	}
	return s.checkActs(setup, at, entries)
}

func (s step) checkEntry(entries map[string]entryState) error {
	if s.headline != nil && utf8.RuneCountInString(*s.headline) > liveblog.MaxHeadline {
		return s.errorf("the headline has %d characters; %d is the limit", utf8.RuneCountInString(*s.headline), liveblog.MaxHeadline)
	}
	if len(s.body) > liveblog.MaxBody {
		return s.errorf("the text takes %d bytes; %d is the limit", len(s.body), liveblog.MaxBody)
	}
	if s.correction != nil && utf8.RuneCountInString(*s.correction) > liveblog.MaxCorrection {
		return s.errorf("the correction has %d characters; %d is the limit", utf8.RuneCountInString(*s.correction), liveblog.MaxCorrection)
	}
	e, known := entries[s.name]
	switch {
	case s.verb == post && known:
		return s.errorf("an entry named %s was posted before", s.name)
	case s.verb == post && s.body == "":
		return s.errorf("the entry has no text")
	case s.verb != post && !known:
		return s.errorf("no entry named %s was posted before", s.name)
	case s.verb != post && e.removed:
		return s.errorf("the entry %s was removed before", s.name)
	case s.verb != post && s.day == 0 && !e.live:
		return s.errorf("a live step changes live entries only, and %s is none", s.name)
	case s.verb == publish && !e.draft:
		return s.errorf("the entry %s is no draft", s.name)
	case s.verb == edit && s.headline == nil && s.marks == nil && s.body == "" && s.acts == nil:
		return s.errorf("the edit changes nothing")
	case s.correction != nil && (s.verb != edit || s.headline == nil && s.body == ""):
		return s.errorf("a correction is an edit of the headline or the text")
	case s.correction != nil && e.draft:
		return s.errorf("the entry %s is a draft, in which there is nothing to correct yet", s.name)
	case s.verb == edit && s.marks != nil && s.marks.draft:
		return s.errorf("an edit does not turn an entry into a draft")
	case s.verb == remove && (s.headline != nil || s.marks != nil || s.body != "" || s.acts != nil):
		return s.errorf("a removal has no headline, no marks, no text and no acts")
	case s.verb == publish && (s.headline != nil || s.marks != nil || s.body != "" || s.acts != nil):
		return s.errorf("a draft is published as it is, without a headline, marks, text or acts")
	}
	switch {
	case s.verb == post:
		e.live, e.Entry = s.day == 0, len(entries)+1
		if s.marks != nil {
			e.draft, e.pinned = s.marks.draft, s.marks.pinned
		}
	case s.verb == publish:
		e.draft = false
	case s.verb == remove:
		e.removed = true
	case s.marks != nil:
		e.pinned = s.marks.pinned
	}
	entries[s.name] = e
	if !s.by.Role.MayPublish() && (s.verb != post || !e.draft) {
		return s.errorf("%s is a contributor, who posts drafts only", s.by.Name)
	}
	pinned := 0
	for _, e := range entries {
		if e.pinned && e.public() {
			pinned++
		}
	}
	if pinned > liveblog.MaxPinned {
		return s.errorf("%d entries are pinned after this step; %d is the limit", pinned, liveblog.MaxPinned)
	}
	return nil
}

// checkActs judges what the step states as the store will, at its time among the others, and enters it.
func (s step) checkActs(setup liveblog.Setup, at time.Time, entries map[string]entryState) error {
	e := entries[s.name]
	acts, before := e.Acts, e
	if s.acts != nil {
		acts = *s.acts
	}
	if e.public() && e.At.IsZero() {
		e.At = at
	}
	changed := acts != e.Acts || s.verb == publish
	e.Acts, e.editor = acts, s.by.ID
	entries[s.name] = e
	if s.day == 0 && timed(acts) {
		return s.errorf("the acts of a live step have no times")
	}
	if !changed || acts == "" {
		return nil
	}
	if !e.public() {
		_, err := liveblog.CheckDraft(setup, acts)
		return s.refused(err)
	}
	var others []liveblog.Statement
	for name, other := range entries {
		if name != s.name && other.public() {
			others = append(others, other.Statement)
		}
	}
	if _, err := liveblog.Judge(setup, others, acts, e.By); err != nil {
		return s.refused(err)
	}
	if setup.NeedsSecondEditor(acts) && (s.verb != publish || before.editor == s.by.ID) {
		return s.errorf("the move needs a second editor: post the entry as a draft, and let somebody else publish it")
	}
	return nil
}

func (s step) refused(err error) error {
	if err == nil {
		return nil
	}
	return s.errorf("%w", err)
}
