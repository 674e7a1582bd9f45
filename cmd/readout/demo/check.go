package demo

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"readout/liveblog"
)

// entryState is what the check knows of an entry after the steps so far.
type entryState struct{ draft, pinned, removed, live bool }

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
		faults = append(faults, st.check(entries))
	}
	for _, st := range s.live {
		faults = append(faults, st.check(entries))
	}
	return errors.Join(faults...)
}

// check checks one step against the entries before it, and enters what it does.
func (s step) check(entries map[string]entryState) error {
	if s.headline != nil && utf8.RuneCountInString(*s.headline) > liveblog.MaxHeadline {
		return s.errorf("the headline has %d characters; %d is the limit", utf8.RuneCountInString(*s.headline), liveblog.MaxHeadline)
	}
	if len(s.body) > liveblog.MaxBody {
		return s.errorf("the text takes %d bytes; %d is the limit", len(s.body), liveblog.MaxBody)
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
	case s.verb == edit && s.headline == nil && s.marks == nil && s.body == "":
		return s.errorf("the edit changes nothing")
	case s.verb == edit && s.marks != nil && s.marks.draft:
		return s.errorf("an edit does not turn an entry into a draft")
	case s.verb == remove && (s.headline != nil || s.marks != nil || s.body != ""):
		return s.errorf("a removal has no headline, no marks and no text")
	}
	switch {
	case s.verb == post:
		e.live = s.day == 0
		if s.marks != nil {
			e.draft, e.pinned = s.marks.draft, s.marks.pinned
		}
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
		if e.pinned && !e.draft && !e.removed {
			pinned++
		}
	}
	if pinned > liveblog.MaxPinned {
		return s.errorf("%d entries are pinned after this step; %d is the limit", pinned, liveblog.MaxPinned)
	}
	return nil
}
