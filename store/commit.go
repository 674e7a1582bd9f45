package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"readout/liveblog"
)

// Commit implements [liveblog.LogStore].
func (s *store) Commit(ctx context.Context, c liveblog.Commit) (liveblog.Committed, error) {
	var next *cachedTalks
	done, err := update(ctx, s, "commit entry", func(tx *sql.Tx) (done liveblog.Committed, err error) {
		next = nil
		b, err := s.lockWritable(ctx, tx, c.Slug)
		if err != nil {
			return done, err
		}
		if c.Key != nil {
			done.Entry, done.Replayed, err = replay(ctx, tx, c.Slug, *c.Key)
			if err != nil {
				return done, err
			}
		}
		if err := consumeCopy(ctx, tx, c.Slug, c.Copy, c.At); err != nil || done.Replayed {
			return done, err
		}
		a, err := s.admit(ctx, tx, b, c)
		if err != nil {
			return done, err
		}
		if done, next, err = s.put(ctx, tx, b, a); err != nil {
			return done, err
		}
		if err := countActivity(ctx, tx, c.Slug, a.prev, done.Entry); err != nil {
			return done, err
		}
		return done, s.engine.words.indexEntry(ctx, tx, c.Slug, a.prev, done.Entry)
	})
	if err == nil && next != nil {
		s.cache.put(c.Slug, *next)
	}
	return done, err
}

// Try implements [liveblog.LogStore].
func (s *store) Try(ctx context.Context, c liveblog.Commit) (liveblog.Entry, error) {
	return view(ctx, s, "try an entry", func(tx *sql.Tx) (e liveblog.Entry, err error) {
		b, err := readBlog(ctx, tx, c.Slug)
		if err == nil {
			err = b.CheckWritable()
		}
		if err != nil {
			return e, err
		}
		if c.Key != nil {
			e, replayed, err := replay(ctx, tx, c.Slug, *c.Key)
			if err != nil || replayed {
				return e, err
			}
		}
		a, err := s.admit(ctx, tx, b, c)
		return a.Entry, err
	})
}

// admitted is a commit that breaks no rule, with the entry as it will be stored except for its seq.
type admitted struct {
	liveblog.Commit
	prev  *liveblog.Entry // that the commit replaces; nil for a new entry
	alone bool            // an admin publishes what needs a second editor
}

// admit checks a commit by everything that depends on the log, and writes nothing.
func (s *store) admit(ctx context.Context, tx *sql.Tx, b blogRow, c liveblog.Commit) (a admitted, err error) {
	if a.prev, err = replaced(ctx, tx, c); err != nil {
		return a, err
	}
	if err := checkPinned(ctx, tx, c); err != nil {
		return a, err
	}
	number := c.Entry.Number
	if a.prev == nil {
		number = b.lastNumber + 1
	}
	if c.Entry, err = afterLatestActs(ctx, tx, b.Slug, a.prev, c.Entry); err != nil {
		return a, err
	}
	if c.Entry.Acts, a.alone, err = s.judge(ctx, tx, b, c, a.prev, number); err != nil {
		return a, err
	}
	e := &c.Entry
	e.Number, e.Revision = number, c.Base+1
	e.CreatedAt, e.PublishedAt, e.UpdatedAt = micros(e.CreatedAt), micros(e.PublishedAt), micros(e.UpdatedAt)
	if e.Corrects() {
		e.Correction.At = e.UpdatedAt
	}
	a.Commit = c
	return a, nil
}

// put stores the new state of an entry and takes its seqs. If the talks change, next is their new state; otherwise it
// is nil.
func (s *store) put(
	ctx context.Context, tx *sql.Tx, b blogRow, c admitted,
) (done liveblog.Committed, next *cachedTalks, err error) {
	e, prev := c.Entry, c.prev
	if c.alone {
		if err := recordAlone(ctx, tx, c.Commit); err != nil {
			return done, nil, err
		}
	}
	effect := liveblog.EffectOf(prev, e)
	if effect.Talks {
		ledger, err := s.currentLedger(ctx, tx, b)
		if err != nil {
			return done, nil, err
		}
		statement := liveblog.Statement{By: liveblog.By{Entry: e.Number, At: e.PublishedAt}}
		if e.Public() {
			statement.Acts = e.Acts
		}
		ledger = ledger.With(statement)
		next = &cachedTalks{ledger: ledger, talks: ledger.Fold(), size: ledger.Size()}
	}
	if err := advance(ctx, tx, &b, effect, prev == nil, e.UpdatedAt); err != nil {
		return done, nil, err
	}
	e.Seq = 0
	if prev != nil {
		e.Seq = prev.Seq
	}
	if effect.Entry {
		e.Seq = b.Cursor.Seq
		if effect.Head {
			e.Seq--
		}
		put := e
		at := liveblog.Cursor{Epoch: b.Cursor.Epoch, Seq: e.Seq}
		done.Changes = append(done.Changes, liveblog.Change{Cursor: at, Entry: &put})
	}
	done.Entry = e

	if _, err := tx.ExecContext(ctx, putEntry, entryValues(b.Slug, e)...); err != nil {
		return done, nil, err
	}
	revision := e
	revision.PurgedAt = time.Time{} // what was purged is an earlier revision
	if _, err := tx.ExecContext(ctx, addRevision, append(entryValues(b.Slug, revision), e.Amends())...); err != nil {
		return done, nil, err
	}
	if err := startCoverage(ctx, tx, &b, e); err != nil {
		return done, nil, err
	}
	line, err := described(ctx, tx, b.Slug, c.Audit, prev, e)
	if err != nil {
		return done, nil, err
	}
	if err := addAudit(ctx, tx, line, subject{blog: b.Slug, number: e.Number, revision: e.Revision}); err != nil {
		return done, nil, err
	}
	if c.Key != nil {
		added, err := exec(ctx, tx, `INSERT INTO idempotency_keys
			(actor, idempotency_key, fingerprint, blog, number, revision, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (actor, idempotency_key) DO NOTHING`,
			c.Key.Actor, c.Key.Key, c.Key.Fingerprint, b.Slug, e.Number, e.Revision, c.At.UnixMicro())
		if err != nil {
			return done, nil, err
		}
		if !added {
			// A concurrent request for another blog has used the key; requests for the same blog are serialized.
			return done, nil, keyReused()
		}
	}
	if next != nil {
		next.at = b.talksAt()
		talks := next.talks
		done.Changes = slices.Insert(done.Changes, 0, liveblog.Change{Cursor: next.at, Talks: &talks})
	}
	if effect.Head {
		head, err := readHead(ctx, tx, b.Blog)
		if err != nil {
			return done, nil, err
		}
		done.Changes = append(done.Changes, liveblog.Change{Cursor: b.Cursor, Head: &head})
	}
	return done, next, nil
}

const putEntry = `INSERT INTO entries (blog, ` + entryColumns + `)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21)
	ON CONFLICT (blog, number) DO UPDATE SET
		revision = excluded.revision, headline = excluded.headline, body = excluded.body, author = excluded.author,
		author_id = excluded.author_id, edited_by = excluded.edited_by, key_event = excluded.key_event,
		pinned = excluded.pinned, summary = excluded.summary, status = excluded.status,
		created_at = excluded.created_at, published_at = excluded.published_at, updated_at = excluded.updated_at,
		seq = excluded.seq, acts = excluded.acts, correction = excluded.correction,
		purged_at = excluded.purged_at, happened_at = excluded.happened_at, written_by = excluded.written_by`

const addRevision = `INSERT INTO revisions (blog, ` + entryColumns + `, amends)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
		$21, $22)`

// advance takes a seq for each part of the effect, that of the talks first and that of the head last, and the next
// number for a new entry. It moves b's cursor to the last seq and, if readers see a change, b.ChangedAt to at.
func advance(ctx context.Context, tx *sql.Tx, b *blogRow, effect liveblog.Effect, newEntry bool, at time.Time) error {
	seqs, numbers := 0, 0
	for _, changes := range []bool{effect.Talks, effect.Entry, effect.Head} {
		if changes {
			seqs++
		}
	}
	if newEntry {
		numbers = 1
	}
	return tx.QueryRowContext(ctx, `UPDATE blogs
		SET seq = seq + $1, head_seq = CASE WHEN $2 THEN seq + $1 ELSE head_seq END,
			talks_seq = CASE WHEN $3 THEN seq + 1 ELSE talks_seq END, last_number = last_number + $4,
			changed_before = CASE WHEN $1 > 0 THEN changed_at ELSE changed_before END,
			changed_at = CASE WHEN $1 > 0 THEN `+laterOf("$6")+` ELSE changed_at END
		WHERE slug = $5 RETURNING seq, last_number, talks_seq, changed_at, changed_before`,
		seqs, effect.Head, effect.Talks, numbers, b.Slug, at.UnixMicro()).
		Scan(&b.Cursor.Seq, &b.lastNumber, &b.talksSeq, instant{&b.ChangedAt}, instant{&b.ChangedBefore})
}

// replay returns the entry that an earlier request with the key created, if there was one.
func replay(
	ctx context.Context, tx *sql.Tx, slug string, k liveblog.IdempotencyKey,
) (e liveblog.Entry, found bool, err error) {
	var fingerprint, blog string
	var number, revision int
	err = tx.QueryRowContext(ctx, `SELECT fingerprint, blog, number, revision FROM idempotency_keys
		WHERE actor = $1 AND idempotency_key = $2`, k.Actor, k.Key).Scan(&fingerprint, &blog, &number, &revision)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return e, false, nil
	case err != nil:
		return e, false, err
	case fingerprint != k.Fingerprint || blog != slug:
		return e, false, keyReused()
	}
	e, err = scanEntry(tx.QueryRowContext(ctx, `SELECT `+entryColumns+` FROM revisions
		WHERE blog = $1 AND number = $2 AND revision = $3`, blog, number, revision))
	return e, true, err
}

func keyReused() error {
	return liveblog.FieldErrorf(liveblog.KeyReused, "Idempotency-Key",
		"This Idempotency-Key was used before for another request; use a new one.")
}

// replaced returns the entry that the commit replaces, or nil for a new entry.
func replaced(ctx context.Context, tx *sql.Tx, c liveblog.Commit) (*liveblog.Entry, error) {
	if c.Entry.Number == 0 {
		if c.Base != 0 {
			return nil, liveblog.Errorf(liveblog.Internal, "A new entry has no revision to replace.")
		}
		return nil, nil
	}
	if c.Key != nil {
		return nil, liveblog.Errorf(liveblog.Internal, "An idempotency key is for new entries only.")
	}
	prev, err := readEntry(ctx, tx, c.Slug, c.Entry.Number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noEntry("number", c.Entry.Number)
	}
	if err == nil && prev.Revision != c.Base {
		return nil, liveblog.StaleRevision(prev.Number, prev.Revision)
	}
	return &prev, err
}

// checkPinned refuses to pin more than [liveblog.MaxPinned] entries, and names those that are pinned.
func checkPinned(ctx context.Context, tx *sql.Tx, c liveblog.Commit) error {
	if !c.Entry.Pinned || !c.Entry.Public() {
		return nil
	}
	others, err := collect(ctx, tx, func(r row) (e liveblog.Entry, err error) {
		err = r.Scan(&e.Number, &e.Headline)
		return e, err
	}, selectPinned, c.Slug, c.Entry.Number)
	if err == nil && len(others) >= liveblog.MaxPinned {
		err = liveblog.PinsTaken(others)
	}
	return err
}

const selectPinned = `SELECT number, headline FROM entries
	WHERE blog = $1 AND status = 'published' AND pinned = TRUE AND number <> $2`
