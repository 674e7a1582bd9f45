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
			got.talks, err = readTalks(ctx, tx, slug)
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
		before, err := readSetup(ctx, tx, slug)
		if err != nil {
			return t, err
		}
		t = liveblog.Fold(setup, statements)
		if old, _ := json.Marshal(before); string(old) == string(text) {
			return t, nil
		}
		err = tx.QueryRowContext(ctx, `UPDATE blogs SET setup = $1, seq = seq + 1, talks_seq = seq + 1
			WHERE slug = $2 RETURNING seq`, string(text), slug).Scan(&b.Cursor.Seq)
		if err != nil {
			return t, err
		}
		changes = []liveblog.Change{{Cursor: b.Cursor, Talks: &t}}
		return t, addAudit(ctx, tx, a, subject{blog: slug})
	})
	if err != nil {
		return t, nil, err
	}
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
	setup, err := readSetup(ctx, tx, slug)
	if err != nil {
		return t, err
	}
	statements, err := collect(ctx, tx, scanStatement, selectStatements, slug)
	if err != nil {
		return t, err
	}
	return liveblog.Fold(setup, statements), nil
}

func readSetup(ctx context.Context, tx *sql.Tx, slug string) (setup liveblog.Setup, err error) {
	var text string
	if err = tx.QueryRowContext(ctx, `SELECT setup FROM blogs WHERE slug = $1`, slug).Scan(&text); err != nil || text == "" {
		return setup, err
	}
	if err = json.Unmarshal([]byte(text), &setup); err != nil {
		err = fmt.Errorf("the setup of %s: %w", slug, err)
	}
	return setup, err
}

// judge returns the acts of an entry tidied, or says what is wrong with them. Acts that were public and stay as they are
// are not judged again: what they rested on may have been taken back since.
func judge(ctx context.Context, tx *sql.Tx, c liveblog.Commit, prev *liveblog.Entry, number int) (liveblog.Acts, error) {
	e := c.Entry
	if e.Acts == "" || prev != nil && prev.Acts == e.Acts && prev.Public() == e.Public() || e.Status == liveblog.Removed {
		return e.Acts, nil
	}
	setup, err := readSetup(ctx, tx, c.Slug)
	if err != nil {
		return "", err
	}
	if !e.Public() {
		return liveblog.CheckDraft(setup, e.Acts)
	}
	others, err := collect(ctx, tx, scanStatement, selectStatements, c.Slug)
	if err != nil {
		return "", err
	}
	others = slices.DeleteFunc(others, func(s liveblog.Statement) bool { return s.Entry == number })
	acts, err := liveblog.Judge(setup, others, e.Acts, liveblog.By{Entry: number, At: micros(e.PublishedAt)})
	if err != nil {
		return "", err
	}
	return acts, approved(ctx, tx, setup, c, prev)
}

// approved sees that a move that needs a second editor has one: the entry was a draft with these acts, and somebody
// else than its last editor publishes it.
func approved(ctx context.Context, tx *sql.Tx, setup liveblog.Setup, c liveblog.Commit, prev *liveblog.Entry) error {
	if !setup.NeedsSecondEditor(c.Entry.Acts) {
		return nil
	}
	refused := liveblog.FieldErrorf(liveblog.Conflict, "acts",
		"This move needs a second editor: save the entry as a draft, and let somebody else publish it unchanged.")
	if prev == nil || prev.Status != liveblog.Draft || prev.Acts != c.Entry.Acts {
		return refused
	}
	var last string
	err := tx.QueryRowContext(ctx, `SELECT actor_id FROM audit WHERE blog = $1 AND number = $2 AND revision = $3`,
		c.Slug, prev.Number, prev.Revision).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if last == "" || last == c.ActorID {
		return refused
	}
	return nil
}
