package storetest

import (
	"sync"
	"testing"
	"time"

	"readout/liveblog"
)

// member adds a user.
func (f *fixture) member(t *testing.T, id string, role liveblog.Role, on map[string]liveblog.Role) liveblog.User {
	t.Helper()
	u := user(id, id+"@example.org")
	u.Name, u.Role, u.On = "Name "+id, role, on
	if err := f.CreateUser(t.Context(), u, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	return u
}

// It fails if changing roles touches blogs that are not named, or keeps a role that was taken away.
func testMembers(t *testing.T, f *fixture) {
	f.createBlog(t, "apec")
	f.member(t, "u_boss", liveblog.Admin, nil)
	ada := f.member(t, "u_ada", "", map[string]liveblog.Role{slug: liveblog.Editor, "apec": liveblog.Viewer})
	got, err := f.ChangeRoles(t.Context(), ada.ID, liveblog.RoleChanges{slug: "", "": liveblog.Contributor},
		audit(2, "member.roles"))
	if err != nil {
		t.Fatal(err)
	}
	ada.Role, ada.On = liveblog.Contributor, map[string]liveblog.Role{"apec": liveblog.Viewer}
	equal(t, "changed user", got, ada)
	kept, err := f.User(t.Context(), ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "kept user", kept, ada)
	all, err := f.Users(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("Users: %d, %v", len(all), err)
	}
	equal(t, "first of the list", all[0], ada)

	_, err = f.ChangeRoles(t.Context(), ada.ID, liveblog.RoleChanges{"none": liveblog.Editor}, audit(2, "member.roles"))
	wantError(t, "ChangeRoles on an unknown blog", err, liveblog.NotFound, "slug")
	for _, id := range []string{"", "u_9", "u_\x00", "\xff"} {
		_, err = f.ChangeRoles(t.Context(), id, liveblog.RoleChanges{"": liveblog.Editor}, audit(2, "member.roles"))
		wantError(t, "ChangeRoles of nobody", err, liveblog.NotFound, "")
		_, err = f.User(t.Context(), id)
		wantError(t, "User", err, liveblog.NotFound, "")
	}
}

// It fails if a disabled user keeps a session, a token or an invitation, also after they are enabled again, or if
// somebody else loses theirs.
func testDisable(t *testing.T, f *fixture) {
	f.member(t, "u_boss", liveblog.Admin, nil)
	ada := f.member(t, "u_ada", liveblog.Editor, nil)
	for _, id := range []string{"u_boss", "u_ada"} {
		s := liveblog.Session{Hash: "session of " + id, UserID: id, CreatedAt: minute(1), ExpiresAt: minute(60)}
		if err := f.CreateSession(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		token := liveblog.Token{ID: "t_" + id, Hash: "token of " + id, Name: "Wire " + id, Role: liveblog.Editor,
			Owner: id, CreatedAt: minute(1)}
		if err := f.CreateToken(t.Context(), token, audit(1, "token.add")); err != nil {
			t.Fatal(err)
		}
	}
	for _, inviter := range []string{"u_ada", "u_boss"} {
		i := invitation("i_" + inviter)
		i.InviterID = inviter
		f.invite(t, i)
	}
	for _, disabled := range []bool{true, false} {
		got, err := f.SetDisabled(t.Context(), ada.ID, disabled, audit(2, "member.disable"))
		if err != nil || got.Disabled != disabled {
			t.Fatalf("SetDisabled: %t, %v", got.Disabled, err)
		}
		_, _, err = f.SessionUser(t.Context(), "session of u_ada")
		wantError(t, "SessionUser", err, liveblog.NotFound, "")
		token, err := f.TokenByHash(t.Context(), "token of u_ada")
		if err != nil || token.Works(minute(3)) || token.Disabled != disabled || !token.RevokedAt.Equal(minute(2)) {
			t.Errorf("with disabled %t the token is %+v, %v", disabled, token, err)
		}
	}
	_, err := f.InvitationByHash(t.Context(), "hash of i_u_ada")
	wantError(t, "InvitationByHash", err, liveblog.NotFound, "")
	if _, err := f.InvitationByHash(t.Context(), "hash of i_u_boss"); err != nil {
		t.Errorf("the invitation of somebody else: %v", err)
	}
	if _, _, err := f.SessionUser(t.Context(), "session of u_boss"); err != nil {
		t.Errorf("the session of somebody else: %v", err)
	}
	if token, err := f.TokenByHash(t.Context(), "token of u_boss"); err != nil || !token.Works(minute(3)) {
		t.Errorf("the token of somebody else: %+v, %v", token, err)
	}
	_, err = f.SetDisabled(t.Context(), "u_9", true, audit(2, "member.disable"))
	wantError(t, "SetDisabled of nobody", err, liveblog.NotFound, "")
}

// It fails if two admins can take the last role from each other, one after the other or at the same time.
func testLastAdmin(t *testing.T, f *fixture) {
	f.member(t, "u_1", liveblog.Admin, nil)
	f.member(t, "u_2", liveblog.Admin, nil)
	f.member(t, "u_3", "", map[string]liveblog.Role{slug: liveblog.Admin})
	var both sync.WaitGroup
	errs := make([]error, 2)
	both.Go(func() {
		demoted := liveblog.RoleChanges{"": liveblog.Editor}
		_, errs[0] = f.ChangeRoles(t.Context(), "u_1", demoted, audit(2, "member.roles"))
	})
	both.Go(func() { _, errs[1] = f.SetDisabled(t.Context(), "u_2", true, audit(2, "member.disable")) })
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("of two changes at the same time, exactly one succeeds: %v; %v", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil {
			wantError(t, "change of the last admin", err, liveblog.Conflict, "role")
		}
	}
	last := "u_1"
	if errs[0] == nil {
		last = "u_2"
	}
	onOne := liveblog.RoleChanges{"": "", slug: liveblog.Admin}
	_, err := f.ChangeRoles(t.Context(), last, onOne, audit(3, "member.roles"))
	wantError(t, "ChangeRoles of the last admin", err, liveblog.Conflict, "role")
	_, err = f.SetDisabled(t.Context(), last, true, audit(3, "member.disable"))
	wantError(t, "SetDisabled of the last admin", err, liveblog.Conflict, "role")
}

func invitation(id string) liveblog.Invitation {
	return liveblog.Invitation{ID: id, Hash: "hash of " + id, Email: "new@example.org", InviterID: "u_1", Inviter: "Ada",
		On: map[string]liveblog.Role{slug: liveblog.Editor}, CreatedAt: minute(1), ExpiresAt: minute(60)}
}

func (f *fixture) invite(t *testing.T, i liveblog.Invitation) {
	t.Helper()
	if err := f.CreateInvitation(t.Context(), i, audit(1, "invitation.add")); err != nil {
		t.Fatal(err)
	}
}

// It fails if an invitation loses its roles, stays after it was withdrawn or has ended, or if its link can be read from
// the list.
func testInvitations(t *testing.T, f *fixture) {
	want := invitation("i_1")
	f.invite(t, want)
	got, err := f.InvitationByHash(t.Context(), want.Hash)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "invitation", got, want)
	list, err := f.Invitations(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("Invitations: %d, %v", len(list), err)
	}
	want.Hash = ""
	equal(t, "listed invitation", list[0], want)

	lost := invitation("i_2")
	lost.On = map[string]liveblog.Role{"none": liveblog.Editor}
	wantError(t, "CreateInvitation", f.CreateInvitation(t.Context(), lost, audit(1, "invitation.add")),
		liveblog.NotFound, "slug")
	if err := f.DeleteInvitation(t.Context(), "i_1", audit(2, "invitation.withdraw")); err != nil {
		t.Fatal(err)
	}
	wantError(t, "DeleteInvitation again", f.DeleteInvitation(t.Context(), "i_1", audit(2, "invitation.withdraw")),
		liveblog.NotFound, "")
	_, err = f.InvitationByHash(t.Context(), "hash of i_1")
	wantError(t, "InvitationByHash", err, liveblog.NotFound, "")

	f.invite(t, invitation("i_3"))
	for _, now := range []time.Time{minute(60), minute(61)} {
		if err := f.Expire(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		list, err := f.Invitations(t.Context())
		if wait := now.Equal(minute(60)); err != nil || (len(list) == 1) != wait {
			t.Errorf("after Expire at %v there are %d invitations, %v", now, len(list), err)
		}
	}
}

// It fails if an invitation that is used twice at the same time makes two users, or lets both in.
func testInvitationUsedOnce(t *testing.T, f *fixture) {
	i := invitation("i_1")
	f.invite(t, i)
	both := sync.WaitGroup{}
	errs := make([]error, 2)
	for n, id := range []string{"u_1", "u_2"} {
		u := user(id, id+"@example.org")
		u.Role, u.On = "", i.On
		both.Go(func() { errs[n] = f.Join(t.Context(), i, u, audit(2, "invitation.join")) })
	}
	both.Wait()
	users, err := f.Users(t.Context())
	if err != nil || len(users) != 1 || (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("there are %d users, %v; %v; %v", len(users), err, errs[0], errs[1])
	}
	if on := users[0].On[slug]; on != liveblog.Editor {
		t.Errorf("the new user's role is %q", on)
	}
	taken := invitation("i_2")
	f.invite(t, taken)
	u := user("u_3", users[0].Email)
	wantError(t, "Join with a taken address", f.Join(t.Context(), taken, u, audit(2, "invitation.join")),
		liveblog.Conflict, "email")

	// A user who accepts it gets its roles, and keeps those that they have.
	f.createBlog(t, "apec")
	if _, err := f.ChangeRoles(t.Context(), users[0].ID, liveblog.RoleChanges{slug: liveblog.Admin,
		"apec": liveblog.Viewer}, audit(2, "member.roles")); err != nil {
		t.Fatal(err)
	}
	if err := f.Accept(t.Context(), taken, users[0].ID, audit(3, "invitation.accept")); err != nil {
		t.Fatalf("the invitation after the refusal: %v", err)
	}
	got, err := f.User(t.Context(), users[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "roles", got.On, map[string]liveblog.Role{slug: liveblog.Admin, "apec": liveblog.Viewer})
	wantError(t, "Accept again", f.Accept(t.Context(), taken, users[0].ID, audit(3, "invitation.accept")),
		liveblog.NotFound, "")
}

// It fails if a token loses its owner, end or last use, is revoked twice, or keeps its name after that.
func testTokens(t *testing.T, f *fixture) {
	f.member(t, "u_ada", liveblog.Admin, nil)
	want := liveblog.Token{ID: "t_1", Hash: "hash", Name: "Wire", Owner: "u_ada", OwnerName: "Name u_ada",
		On: map[string]liveblog.Role{slug: liveblog.Editor}, CreatedAt: minute(1), ExpiresAt: minute(60)}
	if err := f.CreateToken(t.Context(), want, audit(1, "token.add")); err != nil {
		t.Fatal(err)
	}
	for _, use := range []struct{ at, since, want int }{{2, 1, 2}, {3, 1, 2}, {4, 2, 4}} {
		if err := f.UseToken(t.Context(), "t_1", minute(use.at), minute(use.since)); err != nil {
			t.Fatal(err)
		}
		want.UsedAt = minute(use.want)
		got, err := f.Token(t.Context(), "t_1")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "token", got, want)
	}
	list, err := f.Tokens(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("Tokens: %d, %v", len(list), err)
	}
	listed := want
	listed.Hash = ""
	equal(t, "listed token", list[0], listed)
	if err := f.RevokeToken(t.Context(), "t_1", audit(5, "token.revoke")); err != nil {
		t.Fatal(err)
	}
	wantError(t, "RevokeToken again", f.RevokeToken(t.Context(), "t_1", audit(5, "token.revoke")), liveblog.NotFound, "")
	got, err := f.TokenByHash(t.Context(), "hash")
	if err != nil || !got.RevokedAt.Equal(minute(5)) || got.Works(minute(6)) {
		t.Errorf("the revoked token is %+v, %v", got, err)
	}
	if list, err = f.Tokens(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("the list has %d tokens, %v", len(list), err)
	}
	next := liveblog.Token{ID: "t_2", Hash: "other", Name: "Wire", Role: liveblog.Viewer, CreatedAt: minute(6)}
	if err := f.CreateToken(t.Context(), next, audit(6, "token.add")); err != nil {
		t.Errorf("a token with the name of a revoked one: %v", err)
	}
	for _, id := range []string{"t_9", "", "\xff"} {
		_, err := f.Token(t.Context(), id)
		wantError(t, "Token", err, liveblog.NotFound, "")
	}
}
