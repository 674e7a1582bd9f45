package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"readout/liveblog"
)

// Purge implements [liveblog.LogStore].
func (s *store) Purge(ctx context.Context, p liveblog.Purge, a liveblog.Audit) (liveblog.Committed, error) {
	purged := false
	done, err := update(ctx, s, "purge entry", func(tx *sql.Tx) (done liveblog.Committed, err error) {
		purged = false
		b, err := s.lockBlog(ctx, tx, p.Slug)
		if err != nil {
			return done, err
		}
		prev, err := findEntry(ctx, tx, p.Slug, p.Number)
		if err != nil {
			return done, err
		}
		work := purge{tx: tx, blog: b, prev: prev, at: micros(a.At)}
		// Feeds tell by the time whether a purge is newer than what they have read.
		for _, t := range []time.Time{prev.UpdatedAt, b.ChangedAt} {
			if !work.at.After(t) {
				work.at = t.Add(time.Microsecond)
			}
		}
		if p.Revision == 0 {
			purged, err = work.entry(ctx, a.Actor, s.engine.words)
		} else {
			purged, err = work.revision(ctx, p.Revision)
		}
		if err != nil {
			return done, err
		}
		// These can have been written after an earlier purge.
		if _, err := tx.ExecContext(ctx, purgeCopies, p.Slug, p.Number); err != nil {
			return done, err
		}
		if !purged {
			return liveblog.Committed{Entry: prev}, nil
		}
		if _, err := tx.ExecContext(ctx, purgeSetAside, p.Slug, p.Number); err != nil {
			return done, err
		}
		if s.engine.words.compact != nil {
			if err := s.engine.words.compact(ctx, tx); err != nil {
				return done, err
			}
		}
		about := subject{blog: p.Slug, number: p.Number, revision: p.Revision}
		if about.revision == 0 {
			about.revision = work.next.Revision
		}
		if err := addAudit(ctx, tx, a, about); err != nil {
			return done, err
		}
		changes, err := work.changes(ctx)
		return liveblog.Committed{Entry: work.next, Changes: changes}, err
	})
	if err == nil && purged {
		s.cache.forget()
		if s.engine.dropCopies != nil {
			s.engine.dropCopies(ctx, s.write)
		}
	}
	return done, err
}

// purge is one purge under way.
type purge struct {
	tx     *sql.Tx
	blog   blogRow
	prev   liveblog.Entry
	next   liveblog.Entry
	effect liveblog.Effect
	at     time.Time
}

// entry purges all revisions, and removes the entry if that has not been done. It reports whether there was a text.
func (p *purge) entry(ctx context.Context, actor string, words wordIndex) (bool, error) {
	if p.prev.Purged() {
		return false, nil
	}
	p.next = p.prev
	p.next.Headline, p.next.Body, p.next.Acts, p.next.Correction = "", "", "", liveblog.Correction{}
	p.next.Pinned, p.next.PurgedAt = false, p.at
	removes := p.prev.Status != liveblog.Removed
	if removes {
		p.next.Status, p.next.UpdatedAt, p.next.EditedBy = liveblog.Removed, p.at, actor
		p.next.Revision++
	}
	acted, err := p.acted(ctx, 1, p.prev.Revision)
	if err != nil {
		return false, err
	}
	// Readers may have the text of an entry that was removed before, so its removal is logged once more.
	p.effect = liveblog.EffectOf(&p.prev, p.next)
	p.effect.Entry = !p.prev.PublishedAt.IsZero()
	p.effect.Talks = p.effect.Talks || acted
	if err := p.put(ctx); err != nil {
		return false, err
	}
	if removes {
		values := append(entryValues(p.blog.Slug, p.next), p.next.Amends())
		if _, err := p.tx.ExecContext(ctx, addRevision, values...); err != nil {
			return false, err
		}
	}
	if _, err := p.tx.ExecContext(ctx, purgeRevisions, p.at.UnixMicro(), p.blog.Slug, p.next.Number, 0); err != nil {
		return false, err
	}
	if err := countActivity(ctx, p.tx, p.blog.Slug, &p.prev, p.next); err != nil {
		return false, err
	}
	return true, words.indexEntry(ctx, p.tx, p.blog.Slug, &p.prev, p.next)
}

// purgeRevisions deletes the texts of one revision $4 of an entry, or of all for 0. The line of a removal stays in the
// log of corrections, since it has no text.
const purgeRevisions = `UPDATE revisions
	SET headline = '', body = '', acts = '', correction = '', purged_at = $1, amends = (amends AND status = 'removed')
	WHERE blog = $2 AND number = $3 AND (revision = $4 OR $4 = 0)`

// revision purges one revision that is not the newest. It reports whether there was a text.
func (p *purge) revision(ctx context.Context, revision int) (bool, error) {
	if revision >= p.prev.Revision {
		if revision > p.prev.Revision {
			return false, liveblog.FieldErrorf(liveblog.NotFound, "revision", "Entry %d has no revision %d.",
				p.prev.Number, revision)
		}
		return false, liveblog.FieldErrorf(liveblog.Conflict, "revision", "Revision %d is the newest of entry %d. "+
			"Edit the entry first and purge the revision then, or purge the whole entry.", revision, p.prev.Number)
	}
	later, err := collect(ctx, p.tx, scanEntry, `SELECT `+entryColumns+` FROM revisions
		WHERE blog = $1 AND number = $2 AND revision >= $3 ORDER BY revision`, p.blog.Slug, p.prev.Number, revision)
	if err != nil {
		return false, err
	}
	if len(later) == 0 || later[0].Revision != revision {
		return false, liveblog.FieldErrorf(liveblog.NotFound, "revision", "Entry %d has no revision %d.", p.prev.Number,
			revision)
	}
	old := later[0]
	if old.Purged() {
		return false, nil
	}
	p.next = p.prev
	p.next.PurgedAt = p.at
	p.next.Correction = withoutRevision(p.prev.Correction, revision)
	acted, err := p.acted(ctx, revision, revision)
	if err != nil {
		return false, err
	}
	p.effect = liveblog.Effect{Entry: old.Public() || p.next.Correction != p.prev.Correction, Talks: acted}
	p.effect.Entry = p.effect.Entry && !p.prev.PublishedAt.IsZero()
	if err := p.put(ctx); err != nil {
		return false, err
	}
	if _, err := p.tx.ExecContext(ctx, purgeRevisions, p.at.UnixMicro(), p.blog.Slug, p.prev.Number,
		revision); err != nil {
		return false, err
	}
	for _, e := range later[1:] {
		kept := withoutRevision(e.Correction, revision)
		if kept == e.Correction {
			continue
		}
		if _, err := p.tx.ExecContext(ctx, `UPDATE revisions SET correction = $1
			WHERE blog = $2 AND number = $3 AND revision = $4`, formatCorrection(kept), p.blog.Slug, e.Number,
			e.Revision); err != nil {
			return false, err
		}
	}
	return true, nil
}

// withoutRevision returns a correction without what it has of the text of a revision: all of it if that revision made
// the correction, and the texts from before if it was the one before.
func withoutRevision(c liveblog.Correction, revision int) liveblog.Correction {
	switch c.Revision {
	case revision:
		return liveblog.Correction{}
	case revision + 1:
		c.Headline, c.Body = "", ""
	}
	return c
}

// acted reports whether readers have seen acts of the revisions from first to last.
func (p *purge) acted(ctx context.Context, first, last int) (acted bool, err error) {
	var n int
	err = p.tx.QueryRowContext(ctx, `SELECT count(*) FROM revisions WHERE blog = $1 AND number = $2
		AND revision >= $3 AND revision <= $4 AND status = 'published' AND acts <> ''`,
		p.blog.Slug, p.prev.Number, first, last).Scan(&n)
	return n > 0, err
}

// put takes the seqs of the effect and stores the entry.
func (p *purge) put(ctx context.Context) error {
	if err := advance(ctx, p.tx, &p.blog, p.effect, false, p.at); err != nil {
		return err
	}
	if p.effect.Entry {
		p.next.Seq = p.blog.Cursor.Seq
		if p.effect.Head {
			p.next.Seq--
		}
	}
	_, err := p.tx.ExecContext(ctx, putEntry, entryValues(p.blog.Slug, p.next)...)
	return err
}

// changes returns what readers see of the purge, in the order of seq.
func (p *purge) changes(ctx context.Context) (list []liveblog.Change, err error) {
	if p.effect.Talks {
		ledger, err := readLedger(ctx, p.tx, p.blog.Slug)
		if err != nil {
			return nil, err
		}
		talks := ledger.Fold()
		list = append(list, liveblog.Change{Cursor: p.blog.talksAt(), Talks: &talks})
	}
	if p.effect.Entry {
		at := liveblog.Cursor{Epoch: p.blog.Cursor.Epoch, Seq: p.next.Seq}
		list = append(list, liveblog.Change{Cursor: at, Entry: &p.next})
	}
	if p.effect.Head {
		head, err := readHead(ctx, p.tx, p.blog.Blog)
		if err != nil {
			return nil, err
		}
		list = append(list, liveblog.Change{Cursor: p.blog.Cursor, Head: &head})
	}
	return slices.Clip(list), nil
}

// Purges implements [liveblog.ReadStore].
func (s *store) Purges(ctx context.Context) (string, error) {
	var times, latest int64
	_, err := connect(ctx, s, s.read, func() (none struct{}, err error) {
		return none, s.read.QueryRowContext(ctx, selectPurges).Scan(&times, &latest)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", s.failure(ctx, "read purges", err)
	}
	version := fmt.Sprint(times, " ", latest)
	if was := s.purges.Swap(&version); was != nil && *was != version {
		s.cache.forget() // another node has purged
	}
	return version, nil
}

const selectPurges = `SELECT count(*), coalesce(max(purged_at), 0) FROM revisions WHERE purged_at IS NOT NULL`
