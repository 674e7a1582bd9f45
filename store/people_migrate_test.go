package store

import (
	"testing"
	"time"

	"readout/liveblog"
)

// A database from before there were members keeps its users, sessions, tokens and waiting drafts as they were:
// everybody has their role on all blogs and stays logged in. It fails if a step of the schema ends a session or a
// token, changes a role, or frees a draft.
func TestMigratePeople(t *testing.T) {
	t.Parallel()
	for name, newURL := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + newFile(t) },
		"postgres": newPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := newURL(t)
			s := openURL(t, url)
			addBlog(t, s, "summit")
			at := time.Date(2025, 10, 29, 12, 0, 0, 0, time.UTC)
			setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}},
				Approval: []liveblog.TrackState{liveblog.Raised}}
			if _, _, err := s.UpdateSetup(t.Context(), "summit", setup, liveblog.Audit{At: at}); err != nil {
				t.Fatal(err)
			}
			acts := liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActMove, Track: "tariffs", To: liveblog.Raised}})
			waiting, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Audit: liveblog.Audit{At: at,
				ActorID: "u_1", Actor: "Ada", Action: "entry.post"}, Entry: liveblog.Entry{Body: "Raised.", Acts: acts, Status: liveblog.Draft,
				Author: "Ada", AuthorID: "u_1", EditedBy: "Ada", CreatedAt: at, UpdatedAt: at}})
			if err != nil {
				t.Fatal(err)
			}
			ada := liveblog.User{ID: "u_1", Email: "ada@example.org", Name: "Ada", Role: liveblog.Editor,
				PasswordHash: "hash", CreatedAt: at}
			if err := s.CreateUser(t.Context(), ada, liveblog.Audit{At: at}); err != nil {
				t.Fatal(err)
			}
			undoTo(t, s.write, 13)
			mustExec(t, s.write, `INSERT INTO sessions (hash, user_id, csrf, created_at, expires_at)
				VALUES ('session', 'u_1', 'csrf', $1, $2)`, at.UnixMicro(), at.Add(12*time.Hour).UnixMicro())
			mustExec(t, s.write, `INSERT INTO tokens (id, hash, name, role, created_at)
				VALUES ('t_1', 'token', 'wire', 'contributor', $1)`, at.UnixMicro())

			s = openURL(t, url)
			session, u, err := s.SessionUser(t.Context(), "session")
			if err != nil || u.ID != ada.ID || u.Role != liveblog.Editor || len(u.On) > 0 || u.Disabled ||
				u.MustChangePassword() || session.CSRF != "csrf" || !session.ExpiresAt.Equal(at.Add(12*time.Hour)) {
				t.Errorf("the session is %+v of %+v, %v", session, u, err)
			}
			token, err := s.TokenByHash(t.Context(), "token")
			if err != nil || token.Role != liveblog.Contributor || len(token.On) > 0 || !token.ExpiresAt.IsZero() ||
				!token.RevokedAt.IsZero() || token.Disabled {
				t.Errorf("the token is %+v, %v", token, err)
			}
			e, err := s.Entry(t.Context(), "summit", waiting.Entry.Number)
			if err != nil || e.Status != liveblog.Draft || e.Acts != acts {
				t.Fatalf("the draft is %+v, %v", e, err)
			}
			publish := e
			publish.Status, publish.PublishedAt, publish.UpdatedAt = liveblog.Published, at, at.Add(time.Minute)
			for _, by := range []struct {
				id   string
				code liveblog.Code
			}{{"u_1", liveblog.Conflict}, {"u_2", ""}} {
				_, err := s.Commit(t.Context(), liveblog.Commit{Slug: "summit", Entry: publish, Base: e.Revision,
					Audit: liveblog.Audit{At: at.Add(time.Minute), ActorID: by.id, Actor: by.id, Action: "entry.edit"}})
				if liveblog.CodeOf(err) != by.code {
					t.Errorf("%s publishes the draft: %v, want the code %q", by.id, err, by.code)
				}
			}
		})
	}
}
