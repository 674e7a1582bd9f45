package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"readout/liveblog"
)

// Talks implements [liveblog.LogStore].
func (s *store) Talks(ctx context.Context, slug string, at time.Time) (liveblog.Blog, liveblog.Talks, error) {
	type standing struct {
		blog  liveblog.Blog
		talks liveblog.Talks
	}
	got, err := view(ctx, s, "read talks", func(tx *sql.Tx) (got standing, err error) {
		b, err := readBlog(ctx, tx, slug)
		if err != nil {
			return got, err
		}
		got.blog = b.Blog
		if at.IsZero() {
			got.talks, err = s.folded(ctx, tx, b)
			return got, err
		}
		got.talks, err = readTalksAt(ctx, tx, slug, at)
		return got, err
	})
	return got.blog, got.talks, err
}

// UpdateSetup implements [liveblog.LogStore].
func (s *store) UpdateSetup(ctx context.Context, slug string, setup liveblog.Setup, a liveblog.Audit) (liveblog.Talks, []liveblog.Change, error) {
	setup, err := setup.Checked()
	if err != nil {
		return liveblog.Talks{}, nil, err
	}
	text, err := json.Marshal(setup)
	if err != nil {
		return liveblog.Talks{}, nil, s.failure(ctx, "write setup", err)
	}
	var changes []liveblog.Change
	t, err := update(ctx, s, "update setup", func(tx *sql.Tx) (t liveblog.Talks, err error) {
		changes = nil
		b, err := s.lockBlog(ctx, tx, slug)
		if err != nil {
			return t, err
		}
		statements, err := collect(ctx, tx, scanStatement, selectStatements, slug)
		if err != nil {
			return t, err
		}
		if orphans := liveblog.Refers(setup, statements); len(orphans) > 0 {
			return t, &liveblog.Error{Code: liveblog.Conflict, Message: orphans[0].Message, Fields: orphans}
		}
		t = liveblog.Fold(setup, statements)
		before, err := readSetup(ctx, tx, slug)
		if err != nil {
			return t, err
		}
		if old, err := json.Marshal(liveblog.Fold(before, nil).Setup); err != nil || string(old) == string(text) {
			return t, err
		}
		err = tx.QueryRowContext(ctx, `UPDATE blogs SET setup = $1, seq = seq + 1, talks_seq = seq + 1, changed_at = `+laterOf("$3")+`
			WHERE slug = $2 RETURNING seq`, string(text), slug, a.At.UnixMicro()).Scan(&b.Cursor.Seq)
		if err != nil {
			return t, err
		}
		changes = []liveblog.Change{{Cursor: b.Cursor, Talks: &t}}
		return t, addAudit(ctx, tx, a, subject{blog: slug})
	})
	if err != nil {
		return t, nil, err
	}
	s.folds.keepAll(slug, changes)
	return t, changes, nil
}

const selectStatements = `SELECT number, published_at, acts FROM entries
	WHERE blog = $1 AND status = 'published' AND acts <> '' ORDER BY published_at, number`

const selectStatementsAt = `SELECT number, published_at, acts FROM revisions r
	WHERE blog = $1 AND status = 'published' AND acts <> ''` + thenNewest + `
	ORDER BY published_at, number`

func scanStatement(r row) (s liveblog.Statement, err error) {
	err = r.Scan(&s.Entry, instant{&s.At}, &s.Acts)
	return s, err
}

// readTalks returns where the talks stand now.
func readTalks(ctx context.Context, tx *sql.Tx, slug string) (t liveblog.Talks, err error) {
	setup, seq, err := readSetupSeq(ctx, tx, slug)
	if err != nil {
		return t, err
	}
	var statements []liveblog.Statement
	if seq > 0 { // most blogs state nothing
		if statements, err = collect(ctx, tx, scanStatement, selectStatements, slug); err != nil {
			return t, err
		}
	}
	return liveblog.Fold(setup, statements), nil
}

func readSetup(ctx context.Context, tx *sql.Tx, slug string) (liveblog.Setup, error) {
	setup, _, err := readSetupSeq(ctx, tx, slug)
	return setup, err
}

// readSetupSeq returns the setup, and the seq of the latest change of the talks.
func readSetupSeq(ctx context.Context, tx *sql.Tx, slug string) (setup liveblog.Setup, seq int64, err error) {
	var text string
	err = tx.QueryRowContext(ctx, `SELECT setup, talks_seq FROM blogs WHERE slug = $1`, slug).Scan(&text, &seq)
	if err != nil || text == "" {
		return setup, seq, err
	}
	if err = json.Unmarshal([]byte(text), &setup); err != nil {
		err = fmt.Errorf("the setup of %s: %w", slug, err)
	}
	return setup, seq, err
}

// judge returns the acts of an entry tidied and how to find where the talks stand with them, or says what is wrong with them. Acts that were public and stay as they are
// are not judged again: what they rested on may have been taken back since.
func judge(ctx context.Context, tx *sql.Tx, c liveblog.Commit, prev *liveblog.Entry, number int) (acts liveblog.Acts, talks func() (liveblog.Talks, error), err error) {
	e := c.Entry
	talks = func() (liveblog.Talks, error) { return readTalks(ctx, tx, c.Slug) }
	if e.Acts == "" || prev != nil && prev.Acts == e.Acts && prev.Public() == e.Public() || e.Status == liveblog.Removed {
		return e.Acts, talks, nil
	}
	setup, err := readSetup(ctx, tx, c.Slug)
	if err != nil {
		return "", nil, err
	}
	if !e.Public() {
		acts, err = liveblog.CheckDraft(setup, e.Acts)
		return acts, talks, err
	}
	others, err := collect(ctx, tx, scanStatement, selectStatements, c.Slug)
	if err != nil {
		return "", nil, err
	}
	others = slices.DeleteFunc(others, func(s liveblog.Statement) bool { return s.Entry == number })
	by := liveblog.By{Entry: number, At: micros(e.PublishedAt)}
	if acts, err = liveblog.Judge(setup, others, e.Acts, by); err != nil {
		return "", nil, err
	}
	talks = func() (liveblog.Talks, error) { // what the statements come to need not be read once more
		return liveblog.Fold(setup, append(others, liveblog.Statement{By: by, Acts: acts})), nil
	}
	return acts, talks, approved(ctx, tx, setup, c, prev, acts)
}

// approved sees that a move that needs a second editor has one: the entry was a draft with these acts, and somebody
// else than who put them there publishes it. Moves that are public already are not asked about again.
func approved(ctx context.Context, tx *sql.Tx, setup liveblog.Setup, c liveblog.Commit, prev *liveblog.Entry, acts liveblog.Acts) error {
	fresh := acts.List()
	if prev != nil && prev.Public() {
		public := prev.Acts.List()
		fresh = slices.DeleteFunc(fresh, func(a liveblog.Act) bool {
			return slices.ContainsFunc(public, func(p liveblog.Act) bool { return p.Kind == a.Kind && p.Track == a.Track && p.To == a.To })
		})
	}
	if !setup.NeedsSecondEditor(liveblog.NewActs(fresh)) {
		return nil
	}
	refused := liveblog.FieldErrorf(liveblog.Conflict, "acts",
		"This move needs a second editor: save the entry as a draft, and let somebody else publish it unchanged.")
	if prev == nil || prev.Status != liveblog.Draft || prev.Acts != acts {
		return refused
	}
	var author string
	err := tx.QueryRowContext(ctx, selectActsAuthor, c.Slug, prev.Number, string(acts)).Scan(&author)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if author == "" || author == c.ActorID {
		return refused
	}
	return nil
}

// Who wrote the revision in which an entry's acts became what they are.
const selectActsAuthor = `SELECT actor_id FROM audit WHERE blog = $1 AND number = $2 AND revision = (
	SELECT coalesce(max(revision), 0) + 1 FROM revisions WHERE blog = $1 AND number = $2 AND acts <> $3)`

// clockSkew is how much the clocks of nodes may differ. An entry that is older by more is meant to be.
const clockSkew = 30 * time.Second

// inTurn returns a commit's new state with its time moved behind the latest change of the talks, where a clock that is
// slow put it before: what is said in answer to something must not stand before it.
func inTurn(ctx context.Context, tx *sql.Tx, slug string, prev *liveblog.Entry, e liveblog.Entry) (liveblog.Entry, error) {
	if e.Acts == "" && (prev == nil || prev.Acts == "") {
		return e, nil
	}
	var latest time.Time
	if err := tx.QueryRowContext(ctx, selectLatestActs, slug).Scan(instant{&latest}); err != nil || latest.IsZero() {
		return e, err
	}
	at := micros(e.UpdatedAt)
	if at.After(latest) || latest.Sub(at) > clockSkew {
		return e, nil
	}
	next := latest.Add(time.Microsecond)
	if (prev == nil || !prev.Public()) && micros(e.PublishedAt).Equal(at) {
		e.PublishedAt = next
	}
	if prev == nil && micros(e.CreatedAt).Equal(at) {
		e.CreatedAt = next
	}
	e.UpdatedAt = next
	return e, nil
}

const selectLatestActs = `SELECT max(updated_at) FROM revisions WHERE blog = $1 AND acts <> ''`
