package server

import (
	"strings"
	"testing"

	"readout/liveblog"
	"readout/store"
	"readout/store/sqlitetest"
)

// Passwords are hashed with argon2id, at a cost that OWASP recommends, and with a salt of their own. It fails if the
// cost is lowered, or if two equal passwords have one hash.
func TestPasswordCost(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), sqlitetest.NewTemplate(store.Migrate).URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, hashes := NewAccounts(s), map[string]bool{}
	for _, email := range []string{"mara@example.org", "jun@example.org"} {
		u, err := a.AddUser(t.Context(), liveblog.Actor{ID: "cli", Name: "operator", Role: liveblog.Admin},
			liveblog.NewUser{Email: email, Role: liveblog.Editor, Password: "the same for both"})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(u.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("the hash is %s", u.PasswordHash)
		}
		hashes[u.PasswordHash] = true
	}
	if len(hashes) != 2 {
		t.Error("equal passwords have the same hash")
	}
	if _, _, _, err := a.Login(t.Context(), "jun@example.org", "the same for both", liveblog.Login{}); err != nil {
		t.Error(err)
	}
	if _, _, _, err := a.Login(t.Context(), "jun@example.org", "The same for both", liveblog.Login{}); err == nil {
		t.Error("another password logs in")
	}
}
