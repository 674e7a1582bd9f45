package liveblog

import "testing"

// TestPermissions checks for every role, author and status who may read and change an entry.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const own, others = "u_own", "u_other"
	for _, row := range []struct {
		role         Role
		author       string
		status       EntryStatus
		read, revise bool
		code         Code // of a refused change
	}{
		{Admin, own, Draft, true, true, ""},
		{Admin, others, Draft, true, true, ""},
		{Admin, others, Published, true, true, ""},
		{Admin, own, Removed, true, false, Conflict},
		{Admin, others, Removed, true, false, Conflict},
		{Editor, own, Draft, true, true, ""},
		{Editor, others, Draft, true, true, ""},
		{Editor, others, Published, true, true, ""},
		{Editor, own, Removed, true, false, Conflict},
		{Editor, others, Removed, true, false, Conflict},
		{Contributor, own, Draft, true, true, ""},
		{Contributor, own, Published, true, false, Forbidden},
		{Contributor, own, Removed, true, false, Forbidden},
		{Contributor, others, Draft, false, false, Forbidden},
		{Contributor, others, Published, true, false, Forbidden},
		{Contributor, others, Removed, false, false, Forbidden},
		{"", own, Draft, true, false, Forbidden},
		{"", others, Draft, false, false, Forbidden},
		{"", others, Published, true, false, Forbidden},
		{"reviewer", own, Draft, true, false, Forbidden},
		{"reviewer", others, Removed, false, false, Forbidden},
	} {
		by, e := Actor{ID: own, Role: row.role}, Entry{Number: 7, AuthorID: row.author, Status: row.status}
		if got := MayRead(by, e); got != row.read {
			t.Errorf("%q reads what %s has %s: %t", row.role, row.author, row.status, got)
		}
		err := MayRevise(by, e)
		if got := err == nil; got != row.revise || !got && CodeOf(err) != row.code {
			t.Errorf("%q changes what %s has %s: %v", row.role, row.author, row.status, err)
		}
	}
	for role, may := range map[Role]bool{Admin: true, Editor: true, Contributor: false, "": false, "reviewer": false} {
		if got := MayPublish(Actor{ID: own, Role: role}) == nil; got != may {
			t.Errorf("%q publishes: %t", role, got)
		}
	}
}
