package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"readout/liveblog"
)

// Talks implements [liveblog.ReadStore].
func (s *store) Talks(ctx context.Context, slug string, at time.Time) (liveblog.Blog, liveblog.Talks, error) {
	type result struct {
		blog  liveblog.Blog
		talks liveblog.Talks
	}
	got, err := viewAt(ctx, s, "read talks", slug, at, func(tx *sql.Tx) (got result, err error) {
		b, err := readBlog(ctx, tx, slug)
		if err != nil {
			return got, err
		}
		got.blog = b.Blog
		if at.IsZero() {
			got.talks, err = s.currentTalks(ctx, tx, b)
			return got, err
		}
		got.talks, err = s.pastTalks(ctx, tx, b, at)
		return got, err
	})
	return got.blog, got.talks, err
}

// viewAt runs view for a read of the present, if at is zero, or of a past moment. For a past moment it first acquires
// the blog's slot: see [talksCache.acquirePast].
func viewAt[T any](
	ctx context.Context, s *store, op, slug string, at time.Time, fn func(*sql.Tx) (T, error),
) (T, error) {
	if !at.IsZero() {
		release, err := s.cache.acquirePast(ctx, slug)
		if err != nil {
			var none T
			return none, s.failure(ctx, op, err)
		}
		defer release()
	}
	return view(ctx, s, op, fn)
}

// UpdateSetup implements [liveblog.LogStore].
func (s *store) UpdateSetup(
	ctx context.Context, slug string, setup liveblog.Setup, a liveblog.Audit,
) (liveblog.Talks, []liveblog.Change, error) {
	return s.updateSetup(ctx, slug, setup, func(_, _ liveblog.Setup) error { return nil }, a)
}

// UpdateSetupItems implements [liveblog.LogStore].
func (s *store) UpdateSetupItems(
	ctx context.Context, slug string, setup liveblog.Setup, a liveblog.Audit,
) (liveblog.Talks, []liveblog.Change, error) {
	return s.updateSetup(ctx, slug, setup, liveblog.CheckApprovalKept, a)
}

func (s *store) updateSetup(
	ctx context.Context, slug string, setup liveblog.Setup, check func(before, next liveblog.Setup) error,
	a liveblog.Audit,
) (liveblog.Talks, []liveblog.Change, error) {
	setup, err := setup.Checked()
	if err != nil {
		return liveblog.Talks{}, nil, err
	}
	text, err := json.Marshal(setup)
	if err != nil {
		return liveblog.Talks{}, nil, s.failure(ctx, "write setup", err)
	}
	var changes []liveblog.Change
	var next cachedTalks
	t, err := update(ctx, s, "update setup", func(tx *sql.Tx) (t liveblog.Talks, err error) {
		changes = nil
		b, err := s.lockWritable(ctx, tx, slug)
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
		ledger := liveblog.NewLedger(setup, statements)
		t = ledger.Fold()
		before, err := readSetup(ctx, tx, slug)
		if err != nil {
			return t, err
		}
		if old, err := json.Marshal(liveblog.Fold(before, nil).Setup); err != nil || string(old) == string(text) {
			return t, err
		}
		if err := check(before, setup); err != nil {
			return t, err
		}
		if err := holdDrafts(ctx, tx, slug, before, setup); err != nil {
			return t, err
		}
		err = tx.QueryRowContext(ctx, `UPDATE blogs
			SET setup = $1, seq = seq + 1, talks_seq = seq + 1, changed_before = changed_at,
				changed_at = `+laterOf("$3")+`
			WHERE slug = $2 RETURNING seq`, string(text), slug, a.At.UnixMicro()).Scan(&b.Cursor.Seq)
		if err != nil {
			return t, err
		}
		changes = []liveblog.Change{{Cursor: b.Cursor, Talks: &t}}
		next = cachedTalks{b.Cursor, ledger, t, ledger.Size()}
		a.Detail = before.ChangedParts(setup)
		return t, addAudit(ctx, tx, a, subject{blog: slug})
	})
	if err != nil {
		return t, nil, err
	}
	if len(changes) > 0 {
		s.cache.put(slug, next)
	}
	return t, changes, nil
}

const selectStatements = `SELECT number, published_at, acts FROM entries
	WHERE blog = $1 AND status = 'published' AND acts <> '' ORDER BY published_at, number`

const selectStatementsAt = `SELECT number, published_at, acts FROM revisions r
	WHERE blog = $1 AND status = 'published' AND acts <> ''` + newestAt + `
	ORDER BY published_at, number`

func scanStatement(r row) (s liveblog.Statement, err error) {
	err = r.Scan(&s.Entry, instant{&s.At}, &s.Acts)
	return s, err
}

// readLedger returns the present statements of the public entries.
func readLedger(ctx context.Context, tx *sql.Tx, slug string) (*liveblog.Ledger, error) {
	setup, seq, err := readSetupSeq(ctx, tx, slug)
	if err != nil {
		return nil, err
	}
	var statements []liveblog.Statement
	if seq > 0 { // otherwise the blog has never had acts, as most blogs
		if statements, err = collect(ctx, tx, scanStatement, selectStatements, slug); err != nil {
			return nil, err
		}
	}
	return liveblog.NewLedger(setup, statements), nil
}

// readLedgerAt returns the statements at a past moment, in microseconds, but with the present setup.
func readLedgerAt(ctx context.Context, tx *sql.Tx, slug string, at int64) (*liveblog.Ledger, error) {
	setup, err := readSetup(ctx, tx, slug)
	if err != nil {
		return nil, err
	}
	statements, err := collect(ctx, tx, scanStatement, selectStatementsAt, slug, at)
	if err != nil {
		return nil, err
	}
	return liveblog.NewLedger(setup, statements), nil
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

// judge checks the acts of an entry and returns them tidied. It does not check again acts that were public and have not
// changed, since acts that they build on may have been withdrawn in the meantime. It also reports whether an admin
// publishes alone what needs a second editor.
func (s *store) judge(
	ctx context.Context, tx *sql.Tx, b blogRow, c liveblog.Commit, prev *liveblog.Entry, number int,
) (acts liveblog.Acts, alone bool, err error) {
	e := c.Entry
	unchanged := prev != nil && prev.Acts == e.Acts && prev.Public() == e.Public()
	if e.Acts == "" || unchanged || e.Status == liveblog.Removed {
		return e.Acts, false, nil
	}
	setup, err := readSetup(ctx, tx, c.Slug)
	if err != nil {
		return "", false, err
	}
	if !e.Public() {
		acts, err = liveblog.CheckDraft(setup, e.Acts)
		return acts, false, err
	}
	ledger, err := s.currentLedger(ctx, tx, b)
	if err != nil {
		return "", false, err
	}
	acts, err = ledger.Judge(e.Acts, liveblog.By{Entry: number, At: micros(e.PublishedAt)})
	if err != nil {
		return "", false, err
	}
	alone, err = approve(ctx, tx, setup, c, prev, number, acts)
	return acts, alone, err
}

// clockSkew is how much two nodes may differ in what they take for the store's time, with a wide margin. An entry that
// is older by more than this is meant to be old.
const clockSkew = 30 * time.Second

// afterLatestActs moves the time of an entry with acts after the latest change of the talks, if another node has made
// that just before and took the store's time for a later one. So an entry never takes effect before the one that it
// responds to.
func afterLatestActs(
	ctx context.Context, tx *sql.Tx, slug string, prev *liveblog.Entry, e liveblog.Entry,
) (liveblog.Entry, error) {
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
