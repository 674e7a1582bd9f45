package realtime

import (
	"strings"
	"testing"

	"readout/liveblog"
)

// It fails if the tail keeps what an entry that was purged said: a client that returns must reload the page or be told
// of the removal, one that is connected must be told, and none may get the text.
func TestPurgeCutsTheTail(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	admin := liveblog.Actor{ID: "u_0", Name: "Root", Role: liveblog.Admin}
	start := r.cursor()
	e := r.post("The canary.")
	poll := func(after liveblog.Cursor) string {
		t.Helper()
		body, _, err := r.hub.Poll(t.Context(), slug, after, JSON)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if !strings.Contains(poll(start), "canary") {
		t.Fatal("the tail lacks the entry")
	}
	between := r.cursor()
	if _, err := r.desk.Purge(t.Context(), admin, slug, e.Number, 0, "a court"); err != nil {
		t.Fatal(err)
	}
	for after, want := range map[liveblog.Cursor]string{start: `"reload"`, between: `"remove"`} {
		if got := poll(after); strings.Contains(got, "canary") || !strings.Contains(got, want) {
			t.Errorf("after %v: %s", after, got)
		}
	}
	// What follows is kept as before.
	last := r.cursor()
	r.post("Next.")
	if got := poll(last); !strings.Contains(got, "Next.") || strings.Contains(got, "reload") {
		t.Errorf("after the purge: %s", got)
	}
}

// It fails if the purge of an earlier revision leaves its text on open pages, whose entry keeps its revision, or in the
// tail, or if each later edit of the entry makes all readers reload.
func TestPurgeOfARevisionReloads(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	admin := liveblog.Actor{ID: "u_0", Name: "Root", Role: liveblog.Admin}
	e := r.post("The canary.")
	start := r.cursor()
	edit := func(body string) {
		t.Helper()
		if _, err := r.desk.Edit(t.Context(), editor, slug, e.Number, liveblog.EntryPatch{Body: &body}, 0); err != nil {
			t.Fatal(err)
		}
	}
	edit("Clean.")
	poll := func(after liveblog.Cursor) string {
		t.Helper()
		body, _, err := r.hub.Poll(t.Context(), slug, after, JSON)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	poll(start)
	if _, err := r.desk.Purge(t.Context(), admin, slug, e.Number, 1, "a court"); err != nil {
		t.Fatal(err)
	}
	if got := poll(start); !strings.Contains(got, `"reload"`) {
		t.Errorf("after the purge: %s", got)
	}
	last := r.cursor()
	edit("Clean, edited.")
	if got := poll(last); !strings.Contains(got, "Clean, edited.") || strings.Contains(got, `"reload"`) {
		t.Errorf("after a later edit: %s", got)
	}
}
