package desk

import (
	"strconv"
	"strings"

	"readout/liveblog"
)

// SetupPage is the page on which editors change what the acts of a blog refer to.
type SetupPage struct {
	Desk Desk
	Blog liveblog.Blog
	Form SetupForm
}

// SetupForm is the form for a blog's setup, as it was typed.
type SetupForm struct {
	Action       string
	CSRF         string
	Lists        []SetupList
	Approval     []ApprovalBox
	ApprovalSeen string // like SetupList.Seen
	MayApprove   bool   // the user may change which states need a second editor
	Problem      Problem
	Typed        bool // the form has been changed and not saved
}

// SetupList is one list of the setup, an item per line.
type SetupList struct {
	Field   string
	Name    string
	Hint    string
	Example string
	Text    string
	Seen    string // identifies the list that the form was made from, so that saving it does not undo others' changes
	Current string // the list as somebody else has saved it meanwhile; "" if nobody has
}

// ApprovalBox says whether moves to a state need a second editor.
type ApprovalBox struct {
	State liveblog.TrackState
	Set   bool
}

// rows is the height of a list's field in lines, with two to spare.
func (l SetupList) rows() string {
	return strconv.Itoa(min(max(strings.Count(l.Text, "\n")+3, 4), 16))
}

// maxTypedList is the most UTF-16 units that a list's field accepts. All lists together stay below the limit of a
// request.
const maxTypedList = 20_000

// zoneName is the name of the venue's time zone.
func zoneName(b liveblog.Blog) string { return strings.ReplaceAll(b.TimeZone, "_", " ") }

// shownBoxes returns the boxes that the user may tick.
func shownBoxes(f SetupForm) []ApprovalBox {
	if !f.MayApprove {
		return nil
	}
	return f.Approval
}

// approvalNames lists the states that need a second editor.
func approvalNames(f SetupForm) string {
	var names []string
	for _, box := range f.Approval {
		if box.Set {
			names = append(names, box.State.Name())
		}
	}
	if len(names) == 0 {
		return "no move needs one"
	}
	return strings.Join(names, ", ")
}
