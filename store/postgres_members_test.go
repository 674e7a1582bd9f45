package store

import (
	"testing"
	"time"

	"readout/liveblog"
)

// Changes of members wait for each other, so that two admins cannot take the last role from each other. It fails if
// they do not: then nothing waits for the lock.
func TestPostgresMemberChangesAreSerialized(t *testing.T) {
	t.Parallel()
	s := openURL(t, newPostgres(t))
	now := liveblog.Audit{At: time.Now(), ActorID: "u_0", Actor: "Root", Action: "member.roles"}
	for _, id := range []string{"u_1", "u_2"} {
		u := liveblog.User{ID: id, Email: id + "@example.org", Name: id, Role: liveblog.Admin, CreatedAt: time.Now()}
		if err := s.CreateUser(t.Context(), u, now); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := s.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := s.lockMembers(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.ChangeRoles(t.Context(), "u_1", liveblog.RoleChanges{"": liveblog.Editor}, now)
		done <- err
	}()
	waitForLock(t, s.read)
	if err := putMember(t.Context(), tx, liveblog.User{ID: "u_2", Role: liveblog.Editor}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; liveblog.CodeOf(err) != liveblog.Conflict {
		t.Errorf("the change that would leave no admin: %v", err)
	}
}
