package desk

import (
	"strconv"
	"strings"

	"readout/liveblog"
)

// SetupPage changes what the acts of a blog refer to.
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
	ApprovalSeen string // as Seen of a list
	Problem      Problem
	Typed        bool // it holds what was typed and is not saved
}

// SetupList is one list of the setup, an item a line.
type SetupList struct {
	Field   string
	Name    string
	Hint    string
	Example string
	Text    string
	Seen    string // stands for the list as it was when the form was made, so that a save leaves alone what it did not change
	Current string // the list as somebody else has saved it meanwhile; "" where nobody has
}

// ApprovalBox says whether moves to a state need a second editor.
type ApprovalBox struct {
	State liveblog.TrackState
	Set   bool
}

// rows is how many lines a list takes: room for two more.
func (l SetupList) rows() string {
	return strconv.Itoa(min(max(strings.Count(l.Text, "\n")+3, 4), 16))
}

// maxTypedList is how many UTF-16 units a list takes: all of them together stay below the limit of a request.
const maxTypedList = 20_000

// placeOf names the venue's time zone.
func placeOf(b liveblog.Blog) string { return strings.ReplaceAll(b.TimeZone, "_", " ") }
