package liveblog

import (
	"slices"
	"strings"
	"testing"
)

// TestPermissions checks who may read, change and publish an entry, by role, author and status. Each role is tried on
// all blogs, on the entry's blog, and on another blog, where it allows what everybody may do.
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
		{Viewer, own, Draft, true, false, Forbidden},
		{Viewer, other, Draft, true, false, Forbidden},
		{Viewer, other, Published, true, false, Forbidden},
		{Viewer, other, Removed, true, false, Forbidden},
		{"", own, Draft, false, false, Forbidden},
		{"", other, Draft, false, false, Forbidden},
		{"", other, Published, true, false, Forbidden},
		{"reviewer", own, Draft, false, false, Forbidden},
		{"reviewer", other, Removed, false, false, Forbidden},
	} {
		e := Entry{Number: 7, AuthorID: row.author, Status: row.status}
		check := func(by Actor, read, revise bool, code Code) {
			t.Helper()
			if got := MayRead(by, "summit", e); got != read {
				t.Errorf("%+v, %s entry of %s: MayRead = %t, want %t", by, row.status, row.author, got, read)
			}
			err := MayRevise(by, "summit", e)
			if got := err == nil; got != revise || !got && CodeOf(err) != code {
				t.Errorf("%+v, %s entry of %s: MayRevise = %v, want code %q", by, row.status, row.author, err, code)
			}
		}
		check(Actor{ID: own, Role: row.role}, row.read, row.revise, row.code)
		check(Actor{ID: own, On: map[string]Role{"summit": row.role}}, row.read, row.revise, row.code)
		check(Actor{ID: own, On: map[string]Role{"apec": row.role}}, row.status == Published, false, Forbidden)
	}
}

// TestRights checks each right for each role, on all blogs, on one, and elsewhere.
func TestRights(t *testing.T) {
	t.Parallel()
	for right, allowed := range map[Right][]Role{
		SeeBlog: {Admin, Editor, Contributor, Viewer}, ReadDrafts: {Admin, Editor, Viewer},
		WriteDrafts: {Admin, Editor, Contributor}, Publish: {Admin, Editor}, Manage: {Admin, Editor}, Administer: {Admin},
	} {
		for _, role := range append(AllRoles(), "", "reviewer") {
			want := slices.Contains(allowed, role)
			everywhere, one := Actor{Role: role}, Actor{On: map[string]Role{"summit": role}}
			for _, row := range []struct {
				by   Actor
				slug string
				want bool
			}{{everywhere, "", want}, {everywhere, "summit", want}, {one, "summit", want}, {one, "apec", false}, {one, "", false}} {
				if err := May(row.by, right, row.slug); (err == nil) != row.want || err != nil && CodeOf(err) != Forbidden {
					t.Errorf("%+v on %q, right %d: %v, want %t", row.by, row.slug, right, err, row.want)
				}
			}
			if got := MayAnywhere(one, right); got != want {
				t.Errorf("%+v has right %d somewhere: %t, want %t", one, right, got, want)
			}
		}
	}
	// The rights of two roles add up.
	both := Actor{Role: Viewer, On: map[string]Role{"summit": Contributor}}
	if May(both, ReadDrafts, "summit") != nil || May(both, WriteDrafts, "summit") != nil ||
		May(both, WriteDrafts, "apec") == nil || May(both, ReadDrafts, "apec") != nil {
		t.Error("the roles on all blogs and on one do not add up")
	}
	// What a contributor is told fits what was asked for.
	by := Actor{Role: Contributor}
	if err := May(by, Publish, "summit"); err == nil || !strings.Contains(err.Error(), "save a draft") {
		t.Errorf("a contributor who publishes is told %v", err)
	}
	if err := May(by, Manage, ""); err == nil || strings.Contains(err.Error(), "draft") {
		t.Errorf("a contributor who creates a blog is told %v", err)
	}
}

// TestMayGive checks that nobody gives a role beyond the blogs that they administer.
func TestMayGive(t *testing.T) {
	t.Parallel()
	one := Actor{On: map[string]Role{"summit": Admin, "apec": Editor}}
	for _, row := range []struct {
		by   Actor
		role Role
		on   map[string]Role
		want bool
	}{
		{Actor{Role: Admin}, Admin, nil, true},
		{Actor{Role: Admin}, "", map[string]Role{"summit": Viewer}, true},
		{one, "", map[string]Role{"summit": Admin}, true},
		{one, Viewer, nil, false},
		{one, Viewer, map[string]Role{"summit": Viewer}, false},
		{one, "", map[string]Role{"apec": Viewer}, false},
		{one, "", map[string]Role{"summit": Viewer, "apec": Viewer}, false},
		{Actor{Role: Editor}, "", map[string]Role{"summit": Viewer}, false},
	} {
		if err := MayGive(row.by, row.role, row.on); (err == nil) != row.want {
			t.Errorf("%+v gives %q and %v: %v, want %t", row.by, row.role, row.on, err, row.want)
		}
	}
}
