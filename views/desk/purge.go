package desk

import (
	"strconv"
	"strings"

	"readout/liveblog"
)

// PurgePage asks for the reason before texts of an entry are deleted for good.
type PurgePage struct {
	Desk  Desk
	Blog  liveblog.Blog
	Entry liveblog.Entry // the newest revision
	Form  PurgeForm
}

// PurgeForm is the form of a purge, with what was typed.
type PurgeForm struct {
	Action, CSRF string
	Number       int
	Revision     int // 0 for the whole entry
	Reason       string
	Problem      Problem
}

// what names what the form purges.
func (f PurgeForm) what() string {
	if f.Revision == 0 {
		return "Purge entry " + strconv.Itoa(f.Number)
	}
	return "Purge revision " + strconv.Itoa(f.Revision)
}

// history is the path of the entry's history.
func (f PurgeForm) history() string { return strings.TrimSuffix(f.Action, "/purge") + "/history" }
