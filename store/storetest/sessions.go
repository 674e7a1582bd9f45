package storetest

import (
	"testing"
	"time"

	"readout/liveblog"
)

func sessionTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Session":         testSession,
		"Expire sessions": testExpireSessions,
		"Use session":     testUseSession,
		"End sessions":    testEndSessions,
		"Set password":    testSetPassword,
		"Rename user":     testRenameUser,
	}
}

func testSession(t *testing.T, f *fixture) {
	ada := user("u_1", "ada@example.org")
	if err := f.CreateUser(t.Context(), ada, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	want := liveblog.Session{Hash: "hash", UserID: "u_1", CSRF: "csrf", CreatedAt: minute(1), ExpiresAt: minute(2),
		UsedAt: minute(1), Login: liveblog.Login{Browser: "Firefox on Linux", Place: "192.0.2.0/24"}}
	if err := f.CreateSession(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, u, err := f.SessionUser(t.Context(), "hash")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "session", got, want)
	equal(t, "user", u, ada)
	_, _, err = f.SessionUser(t.Context(), "Hash")
	wantError(t, "SessionUser", err, liveblog.NotFound, "")

	for range 2 {
		if err := f.DeleteSession(t.Context(), "hash"); err != nil {
			t.Errorf("DeleteSession: %v", err)
		}
	}
	_, _, err = f.SessionUser(t.Context(), "hash")
	wantError(t, "SessionUser", err, liveblog.NotFound, "")
	err = f.CreateSession(t.Context(), liveblog.Session{Hash: "h", UserID: "u_9", CreatedAt: minute(1),
		ExpiresAt: minute(2)})
	wantError(t, "CreateSession of an unknown user", err, liveblog.Conflict, "")
}

func testExpireSessions(t *testing.T, f *fixture) {
	if err := f.CreateUser(t.Context(), user("u_1", "ada@example.org"), audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	now := minute(10)
	for hash, end := range map[string]time.Time{"ended": now.Add(-time.Microsecond), "ends": now,
		"lasts": now.Add(time.Hour)} {
		if err := f.CreateSession(t.Context(),
			liveblog.Session{Hash: hash, UserID: "u_1", CreatedAt: minute(1), ExpiresAt: end}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Expire(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	_, _, err := f.SessionUser(t.Context(), "ended")
	wantError(t, "SessionUser", err, liveblog.NotFound, "")
	for _, hash := range []string{"ends", "lasts"} {
		if _, _, err := f.SessionUser(t.Context(), hash); err != nil {
			t.Errorf("the session that %s: %v", hash, err)
		}
	}
}

// newSession adds a session of a user, and the user too if there is none.
func (f *fixture) newSession(t *testing.T, owner, hash string, used int) liveblog.Session {
	t.Helper()
	if _, err := f.UserByEmail(t.Context(), owner+"@example.org"); err != nil {
		if err := f.CreateUser(t.Context(), user(owner, owner+"@example.org"), audit(1, "user.add")); err != nil {
			t.Fatal(err)
		}
	}
	x := liveblog.Session{Hash: hash, UserID: owner, CSRF: "csrf", CreatedAt: minute(0), ExpiresAt: minute(99),
		UsedAt: minute(used)}
	if err := f.CreateSession(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	return x
}

// hashes returns the hashes of a user's sessions, in the order of the store.
func (f *fixture) hashes(t *testing.T, owner string) []string {
	t.Helper()
	all, err := f.SessionsOf(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, x := range all {
		list = append(list, x.Hash)
	}
	return list
}

// It fails if a use is not kept, if an earlier use replaces a later one, or if the sessions are not in the order of
// their last use.
func testUseSession(t *testing.T, f *fixture) {
	f.newSession(t, "u_1", "a", 1)
	f.newSession(t, "u_1", "b", 2)
	f.newSession(t, "u_2", "c", 3)
	equal(t, "order", f.hashes(t, "u_1"), []string{"b", "a"})
	for _, at := range []time.Time{minute(5), minute(4)} {
		if err := f.UseSession(t.Context(), "a", at); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "order", f.hashes(t, "u_1"), []string{"a", "b"})
	got, _, err := f.SessionUser(t.Context(), "a")
	if err != nil || !got.UsedAt.Equal(minute(5)) {
		t.Errorf("the last use is %s (%v), want %s", got.UsedAt, err, minute(5))
	}
	if err := f.UseSession(t.Context(), "nothing", minute(5)); err != nil {
		t.Errorf("UseSession of an ended session: %v", err)
	}
	// A session of an older schema has no last use until it is used.
	if err := f.CreateSession(t.Context(), liveblog.Session{Hash: "old", UserID: "u_1", CreatedAt: minute(1),
		ExpiresAt: minute(9)}); err != nil {
		t.Fatal(err)
	}
	if err := f.UseSession(t.Context(), "old", minute(6)); err != nil {
		t.Fatal(err)
	}
	equal(t, "order", f.hashes(t, "u_1"), []string{"old", "a", "b"})
}

// It fails if a session of somebody else ends, if the present one does, or if the count is wrong.
func testEndSessions(t *testing.T, f *fixture) {
	one, two := "1111111111111111", "2222222222222222"
	f.newSession(t, "u_1", one+"a", 3)
	f.newSession(t, "u_1", two+"a", 2)
	f.newSession(t, "u_1", two[1:]+"3", 1)
	f.newSession(t, "u_2", one+"b", 1)
	for _, tt := range []struct {
		which liveblog.EndedSessions
		n     int
		left  []string
	}{
		{liveblog.EndedSessions{ID: "3333333333333333"}, 0, []string{one + "a", two + "a", two[1:] + "3"}},
		{liveblog.EndedSessions{ID: "\xff"}, 0, []string{one + "a", two + "a", two[1:] + "3"}},
		{liveblog.EndedSessions{ID: two}, 1, []string{one + "a", two[1:] + "3"}},
		{liveblog.EndedSessions{Except: one + "a"}, 1, []string{one + "a"}},
		{liveblog.EndedSessions{}, 1, []string{}},
	} {
		n, err := f.EndSessions(t.Context(), "u_1", tt.which, audit(2, "session.end"))
		if err != nil || n != tt.n {
			t.Errorf("EndSessions(%+v) = %d, %v; want %d", tt.which, n, err, tt.n)
		}
		equal(t, "left", f.hashes(t, "u_1"), tt.left)
	}
	equal(t, "sessions of the other", f.hashes(t, "u_2"), []string{one + "b"})
}

// It fails if a new password leaves another session, or replaces one that was changed meanwhile.
func testSetPassword(t *testing.T, f *fixture) {
	f.newSession(t, "u_1", "here", 1)
	f.newSession(t, "u_1", "there", 1)
	f.newSession(t, "u_2", "other", 1)
	was := user("u_1", "").PasswordHash
	for _, tt := range []struct {
		what  string
		p     liveblog.NewPassword
		code  liveblog.Code
		left  []string
		field string
	}{
		{"another was", liveblog.NewPassword{UserID: "u_1", Hash: "new", Was: "else"}, liveblog.Conflict,
			[]string{"here", "there"}, ""},
		{"nobody", liveblog.NewPassword{UserID: "u_9", Hash: "new"}, liveblog.NotFound, []string{"here", "there"}, ""},
		{"own", liveblog.NewPassword{UserID: "u_1", Hash: "own", Was: was, Keep: "here"}, "", []string{"here"}, ""},
		{"generated", liveblog.NewPassword{UserID: "u_1", Hash: "made", Ends: minute(9)}, "", []string{}, ""},
	} {
		err := f.SetPassword(t.Context(), tt.p, audit(2, "user.password"))
		if tt.code != "" {
			wantError(t, tt.what, err, tt.code, tt.field)
		} else if err != nil {
			t.Errorf("%s: %v", tt.what, err)
		}
		equal(t, tt.what, f.hashes(t, "u_1"), tt.left)
		u, err := f.UserByEmail(t.Context(), "u_1@example.org")
		if err != nil {
			t.Fatal(err)
		}
		if tt.code == "" && (u.PasswordHash != tt.p.Hash || !u.PasswordEnds.Equal(tt.p.Ends)) {
			t.Errorf("%s: the password is %s until %s", tt.what, u.PasswordHash, u.PasswordEnds)
		}
		if tt.code != "" && u.PasswordHash != was {
			t.Errorf("%s: the password was replaced", tt.what)
		}
	}
	equal(t, "sessions of the other", f.hashes(t, "u_2"), []string{"other"})
}

// It fails if a name is not kept, or if one is given to nobody.
func testRenameUser(t *testing.T, f *fixture) {
	f.newSession(t, "u_1", "here", 1)
	if err := f.RenameUser(t.Context(), "u_1", "Ada King", audit(2, "user.name")); err != nil {
		t.Fatal(err)
	}
	if _, u, err := f.SessionUser(t.Context(), "here"); err != nil || u.Name != "Ada King" {
		t.Errorf("the name is %q, %v", u.Name, err)
	}
	wantError(t, "RenameUser", f.RenameUser(t.Context(), "u_9", "X", audit(2, "user.name")), liveblog.NotFound, "")
}
