package storetest

import (
	"testing"

	"readout/liveblog"
)

func accountTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"User":        testUser,
		"Token":       testToken,
		"Roles":       testRoles,
		"Members":     testMembers,
		"Disable":     testDisable,
		"Last admin":  testLastAdmin,
		"Invitations": testInvitations,
		"Used once":   testInvitationUsedOnce,
		"Tokens":      testTokens,
	}
}

func user(id, email string) liveblog.User {
	return liveblog.User{ID: id, Email: email, Name: "Ada Lovelace", Role: liveblog.Editor,
		PasswordHash: "$argon2id$…", CreatedAt: minute(0)}
}

func testUser(t *testing.T, f *fixture) {
	ada := user("u_1", "Ada.Ünver@Example.org")
	if err := f.CreateUser(t.Context(), ada, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	grace := user("u_2", "grace@example.org")
	grace.Disabled, grace.Role = true, liveblog.Admin
	if err := f.CreateUser(t.Context(), grace, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]liveblog.User{
		"Ada.Ünver@Example.org": ada, "ada.ünver@example.org": ada, "ADA.ÜNVER@EXAMPLE.ORG": ada,
		"Grace@example.org": grace,
	} {
		got, err := f.UserByEmail(t.Context(), email)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, email, got, want)
	}
	for _, email := range []string{"ada@example.org", "", "%@example.org", "ada.ünver@example.org\x00",
		"\xff@example.org"} {
		_, err := f.UserByEmail(t.Context(), email)
		wantError(t, "UserByEmail", err, liveblog.NotFound, "")
	}
	err := f.CreateUser(t.Context(), user("u_3", "ada.ünver@EXAMPLE.org"), audit(1, "user.add"))
	wantError(t, "CreateUser", err, liveblog.Conflict, "email")
	err = f.CreateUser(t.Context(), user("u_1", "other@example.org"), audit(1, "user.add"))
	wantError(t, "CreateUser with the id of another user", err, liveblog.Conflict, "")
}

// testRoles checks that users and tokens keep their roles on single blogs, which must exist.
func testRoles(t *testing.T, f *fixture) {
	f.createBlog(t, "apec")
	on := map[string]liveblog.Role{slug: liveblog.Editor, "apec": liveblog.Viewer}
	ada := user("u_1", "ada@example.org")
	ada.Role, ada.On = "", on
	if err := f.CreateUser(t.Context(), ada, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	got, err := f.UserByEmail(t.Context(), ada.Email)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "user", got, ada)
	s := liveblog.Session{Hash: "hash", UserID: ada.ID, CSRF: "csrf", CreatedAt: minute(1), ExpiresAt: minute(2)}
	if err := f.CreateSession(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if _, got, err = f.SessionUser(t.Context(), "hash"); err != nil {
		t.Fatal(err)
	}
	equal(t, "user of the session", got, ada)
	token := liveblog.Token{ID: "t_1", Hash: "hash", Name: "wire", On: on, CreatedAt: minute(1)}
	if err := f.CreateToken(t.Context(), token, audit(1, "token.add")); err != nil {
		t.Fatal(err)
	}
	kept, err := f.TokenByHash(t.Context(), "hash")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "token", kept, token)

	lost := user("u_2", "grace@example.org")
	lost.On = map[string]liveblog.Role{slug: liveblog.Editor, "none": liveblog.Editor}
	wantError(t, "CreateUser", f.CreateUser(t.Context(), lost, audit(1, "user.add")), liveblog.NotFound, "slug")
	_, err = f.UserByEmail(t.Context(), lost.Email)
	wantError(t, "UserByEmail", err, liveblog.NotFound, "")
}

func testToken(t *testing.T, f *fixture) {
	want := liveblog.Token{ID: "t_1", Hash: "hash", Name: "Wire", Role: liveblog.Contributor, CreatedAt: minute(1)}
	if err := f.CreateToken(t.Context(), want, audit(1, "token.add")); err != nil {
		t.Fatal(err)
	}
	got, err := f.TokenByHash(t.Context(), "hash")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "token", got, want)
	_, err = f.TokenByHash(t.Context(), "HASH")
	wantError(t, "TokenByHash", err, liveblog.NotFound, "")
	err = f.CreateToken(t.Context(), liveblog.Token{ID: "t_2", Hash: "other", Name: "Wire", Role: liveblog.Admin,
		CreatedAt: minute(1)},
		audit(1, "token.add"))
	wantError(t, "CreateToken", err, liveblog.Conflict, "name")
	_, err = f.TokenByHash(t.Context(), "other")
	wantError(t, "TokenByHash of a refused token", err, liveblog.NotFound, "")
}
