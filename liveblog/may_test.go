package liveblog

import (
	"strings"
	"testing"
)

// TestPermissions checks who may read, change and publish an entry, by role, author and status.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const own, other = "u_own", "u_other"
	for _, row := range []struct {
		role         Role
		author       string
		status       EntryStatus
		read, revise bool
		code         Code // of a refused change
	}{
		{Admin, own, Draft, true, true, ""},
		{Admin, own, Published, true, true, ""},
		{Admin, other, Draft, true, true, ""},
		{Admin, other, Published, true, true, ""},
		{Admin, own, Removed, true, false, Conflict},
		{Admin, other, Removed, true, false, Conflict},
		{Editor, own, Draft, true, true, ""},
		{Editor, own, Published, true, true, ""},
		{Editor, other, Draft, true, true, ""},
		{Editor, other, Published, true, true, ""},
		{Editor, own, Removed, true, false, Conflict},
		{Editor, other, Removed, true, false, Conflict},
		{Contributor, own, Draft, true, true, ""},
		{Contributor, own, Published, true, false, Forbidden},
		{Contributor, own, Removed, true, false, Forbidden},
		{Contributor, other, Draft, false, false, Forbidden},
		{Contributor, other, Published, true, false, Forbidden},
		{Contributor, other, Removed, false, false, Forbidden},
		{"", own, Draft, true, false, Forbidden},
		{"", other, Draft, false, false, Forbidden},
		{"", other, Published, true, false, Forbidden},
		{"reviewer", own, Draft, true, false, Forbidden},
		{"reviewer", other, Removed, false, false, Forbidden},
	} {
		by, e := Actor{ID: own, Role: row.role}, Entry{Number: 7, AuthorID: row.author, Status: row.status}
		if got := MayRead(by, e); got != row.read {
			t.Errorf("role %q, %s entry of %s: MayRead = %t, want %t", row.role, row.status, row.author, got, row.read)
		}
		err := MayRevise(by, e)
		if got := err == nil; got != row.revise || !got && CodeOf(err) != row.code {
			t.Errorf("role %q, %s entry of %s: MayRevise = %v, want code %q",
				row.role, row.status, row.author, err, row.code)
		}
	}
	for role, may := range map[Role]bool{Admin: true, Editor: true, Contributor: false, "": false, "reviewer": false} {
		if got := MayPublish(Actor{ID: own, Role: role}) == nil; got != may {
			t.Errorf("role %q: MayPublish allows it = %t, want %t", role, got, may)
		}
	}
	// What a contributor is told fits what was asked for.
	by := Actor{ID: own, Role: Contributor}
	if err := MayPublish(by); err == nil || !strings.Contains(err.Error(), "save a draft") {
		t.Errorf("a contributor who publishes is told %v", err)
	}
	if err := MayManage(by); err == nil || strings.Contains(err.Error(), "draft") {
		t.Errorf("a contributor who creates a blog is told %v", err)
	}
	if MayManage(Actor{ID: own, Role: Editor}) != nil {
		t.Error("an editor may not create a blog")
	}
}
