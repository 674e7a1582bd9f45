package storetest

import (
	"testing"

	"readout/liveblog"
)

func statementTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){"Statements": testStatements}
}

func testStatements(t *testing.T, f *fixture) {
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "chips", Name: "Chips"}}}
	if _, _, err := f.UpdateSetup(t.Context(), slug, setup, audit(1, "blog.setup")); err != nil {
		t.Fatal(err)
	}
	moves := func(to liveblog.TrackState) option {
		return func(e *liveblog.Entry) {
			e.Acts = liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActMove, Track: "chips", To: to}})
		}
	}
	f.post(t, publishedAt(8), moves(liveblog.InTalks))
	first := f.post(t, publishedAt(4), moves(liveblog.Raised)).Entry
	f.post(t)
	f.post(t, draft, moves(liveblog.Agreed))
	gone := f.post(t, publishedAt(9), moves(liveblog.Stalled)).Entry
	f.edit(t, gone, removed)

	blog, got, statements, err := f.Statements(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	if blog.Slug != slug || len(got.Tracks) != 1 {
		t.Errorf("the blog is %q, the setup %v", blog.Slug, got)
	}
	if len(statements) != 2 || statements[0].By != (liveblog.By{Entry: 2, At: first.PublishedAt}) ||
		statements[0].Acts != first.Acts || statements[1].Entry != 1 {
		t.Fatalf("the statements are %v", statements)
	}
	_, talks, err := f.Talks(t.Context(), slug, f.blog.CreatedAt.AddDate(9, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "talks", liveblog.Fold(got, statements), talks)
	_, _, _, err = f.Statements(t.Context(), "nowhere")
	wantError(t, "Statements", err, liveblog.NotFound, "slug")
}
