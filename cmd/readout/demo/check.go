package demo

import (
	"errors"
	"fmt"
)

// check reports steps that are out of order, and steps that make no sense by themselves or after those before them. It
// leaves to [liveblog.Desk] what a desk refuses, such as a text over its limit or an illegal move: that is found when
// the steps are played, as the tests do with the whole script.
func (s Script) check(days int) error {
	if days < 2 {
		return fmt.Errorf("the script has %d day; it needs two or more, "+
			"since the last one fills the time from the day before it to the start", days)
	}
	var faults []error
	posted := map[string]bool{}
	for i, st := range s.seeded {
		if i > 0 && !st.at.After(s.seeded[i-1].at) {
			before := s.seeded[i-1]
			at, beforeAt := st.at.Format(clockFormat), before.at.In(st.at.Location()).Format(clockFormat)
			faults = append(faults, st.errorf("at %s the step is not later than the one before it, at %s (%s:%d)",
				at, beforeAt, before.file, before.line))
		}
		faults = append(faults, st.check(posted))
	}
	for _, st := range s.live {
		faults = append(faults, st.check(posted))
	}
	return errors.Join(faults...)
}

// check checks one step. posted has the names of the entries that the steps before it posted, and whether a live step
// did; check adds the step's own.
func (s step) check(posted map[string]bool) error {
	live, known := posted[s.name]
	content := s.headline != nil || s.marks != nil || s.body != "" || s.acts != nil
	switch {
	case s.verb == post && known:
		return s.errorf("an entry named %s was posted before", s.name)
	case s.verb != post && !known:
		return s.errorf("no entry named %s was posted before", s.name)
	case s.verb != post && s.day == 0 && !live:
		return s.errorf("a live step changes only entries that a live step posted, and %s is not one", s.name)
	case s.verb == edit && !content:
		return s.errorf("the edit changes nothing")
	case s.verb == edit && s.marks != nil && s.marks.draft:
		return s.errorf("an edit does not turn an entry into a draft")
	case s.correction != nil && (s.verb != edit || s.headline == nil && s.body == ""):
		return s.errorf("a correction is an edit of the headline or the text")
	case s.verb == remove && content:
		return s.errorf("a removal has no headline, marks, text or acts")
	case s.verb == publish && content:
		return s.errorf("a draft is published as it is, without a headline, marks, text or acts")
	case s.day == 0 && s.acts != nil && timed(*s.acts):
		return s.errorf("the acts of a live step have no times")
	}
	if s.verb == post {
		posted[s.name] = s.day == 0
	}
	return nil
}
