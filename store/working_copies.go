package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"readout/liveblog"
)

// PutCopy implements [liveblog.CopyStore].
func (s *store) PutCopy(ctx context.Context, c liveblog.WorkingCopy, seen int) (liveblog.WorkingCopy, error) {
	fields, err := json.Marshal(c.Fields)
	if err != nil {
		return c, err
	}
	return update(ctx, s, "write a working copy", func(tx *sql.Tx) (liveblog.WorkingCopy, error) {
		if _, err := readBlog(ctx, tx, c.Slug); err != nil {
			return c, err
		}
		if err := s.checkCopy(ctx, tx, c, seen); err != nil {
			return c, err
		}
		err := tx.QueryRowContext(ctx, putCopy, c.Owner, c.ID, c.Slug, c.Number, c.Base, c.Writer, c.At.UnixMicro(),
			c.Title, string(fields)).Scan(&c.Revision)
		if err != nil {
			return c, err
		}
		_, err = tx.ExecContext(ctx, forgetOldestCopies, c.Owner, c.Slug, liveblog.MaxCopies)
		return c, err
	})
}

// checkCopy fails if a page that has seen a revision of a copy must not replace the one that is there.
func (s *store) checkCopy(ctx context.Context, tx *sql.Tx, c liveblog.WorkingCopy, seen int) error {
	var revision int
	var slug, writer string
	var used bool
	err := tx.QueryRowContext(ctx, `SELECT blog, revision, writer, used FROM working_copies
		WHERE owner = $1 AND id = $2`, c.Owner, c.ID).Scan(&slug, &revision, &writer, &used)
	switch {
	case errors.Is(err, sql.ErrNoRows) && seen == 0:
		return checkCopied(ctx, tx, c)
	case errors.Is(err, sql.ErrNoRows), err == nil && (used || slug != c.Slug):
		return liveblog.FieldErrorf(liveblog.Gone, "copy", "This working copy was saved or discarded.")
	case err == nil && revision != seen && writer != c.Writer:
		return liveblog.FieldErrorf(liveblog.Stale, "copy", "Another page has written this working copy meanwhile.")
	}
	return err
}

// checkCopied fails if the entry of a new copy was purged, or the revision that it is based on, whose text it may have.
func checkCopied(ctx context.Context, tx *sql.Tx, c liveblog.WorkingCopy) error {
	if c.Number == 0 {
		return nil
	}
	e, err := findEntry(ctx, tx, c.Slug, c.Number)
	if liveblog.CodeOf(err) == liveblog.NotFound {
		return nil // whoever may keep a copy is not told which entries there are
	}
	if err == nil && e.Purged() && e.Status == liveblog.Removed {
		return liveblog.FieldErrorf(liveblog.Gone, "number", "Entry %d was purged.", c.Number)
	}
	if err != nil || e.PurgedAt.IsZero() {
		return err
	}
	var purged int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM revisions
		WHERE blog = $1 AND number = $2 AND revision = $3 AND purged_at IS NOT NULL`, c.Slug, c.Number, c.Base).Scan(&purged)
	if err == nil && purged > 0 {
		err = liveblog.FieldErrorf(liveblog.Gone, "base", "Revision %d of entry %d was purged.", c.Base, c.Number)
	}
	return err
}

const putCopy = `INSERT INTO working_copies
		(owner, id, blog, number, base, revision, writer, at, used, title, fields)
	VALUES ($1, $2, $3, $4, $5, 1, $6, $7, FALSE, $8, $9)
	ON CONFLICT (owner, id) DO UPDATE SET
		number = excluded.number, base = excluded.base, revision = working_copies.revision + 1,
		writer = excluded.writer, at = excluded.at, title = excluded.title, fields = excluded.fields
	RETURNING revision`

const forgetOldestCopies = `DELETE FROM working_copies WHERE owner = $1 AND blog = $2 AND used = FALSE AND id NOT IN
	(SELECT id FROM working_copies WHERE owner = $1 AND blog = $2 AND used = FALSE ORDER BY at DESC, id LIMIT $3)`

// Copy implements [liveblog.CopyStore].
func (s *store) Copy(ctx context.Context, owner, id string) (liveblog.WorkingCopy, error) {
	return view(ctx, s, "read a working copy", func(tx *sql.Tx) (c liveblog.WorkingCopy, err error) {
		c = liveblog.WorkingCopy{Owner: owner, ID: id}
		var fields string
		err = tx.QueryRowContext(ctx, `SELECT blog, number, base, revision, writer, at, title, fields FROM working_copies
			WHERE owner = $1 AND id = $2 AND used = FALSE`, owner, id).
			Scan(&c.Slug, &c.Number, &c.Base, &c.Revision, &c.Writer, instant{&c.At}, &c.Title, &fields)
		if errors.Is(err, sql.ErrNoRows) {
			return c, liveblog.NoCopy()
		}
		if err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(fields), &c.Fields)
	})
}

// Copies implements [liveblog.CopyStore].
func (s *store) Copies(ctx context.Context, owner, slug string, limit int) ([]liveblog.WorkingCopy, error) {
	return view(ctx, s, "read working copies", func(tx *sql.Tx) ([]liveblog.WorkingCopy, error) {
		return collect(ctx, tx, func(r row) (c liveblog.WorkingCopy, err error) {
			c.Owner = owner
			err = r.Scan(&c.ID, &c.Slug, &c.Number, &c.Base, &c.Revision, &c.Writer, instant{&c.At}, &c.Title,
				&c.Entry.Number, &c.Entry.Revision, &c.Entry.Status, &c.Entry.EditedBy, &c.Entry.AuthorID,
				instant{&c.Entry.UpdatedAt})
			return c, err
		}, selectCopies, owner, slug, limit)
	})
}

const selectCopies = `SELECT w.id, w.blog, w.number, w.base, w.revision, w.writer, w.at, w.title,
		coalesce(e.number, 0), coalesce(e.revision, 0), coalesce(e.status, ''), coalesce(e.edited_by, ''),
		coalesce(e.author_id, ''), e.updated_at
	FROM working_copies AS w LEFT JOIN entries AS e ON e.blog = w.blog AND e.number = w.number
	WHERE w.owner = $1 AND (w.blog = $2 OR $2 = '') AND w.used = FALSE
	ORDER BY w.at DESC, w.id LIMIT $3`

// UseCopy implements [liveblog.CopyStore].
func (s *store) UseCopy(ctx context.Context, slug string, u liveblog.UsedCopy, at time.Time) error {
	_, err := update(ctx, s, "forget a working copy", func(tx *sql.Tx) (none struct{}, err error) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return none, err
		}
		return none, consumeCopy(ctx, tx, slug, u, at)
	})
	return err
}

// consumeCopy leaves nothing of a copy but its name, also if what was typed has not reached the store yet.
func consumeCopy(ctx context.Context, tx *sql.Tx, slug string, u liveblog.UsedCopy, at time.Time) error {
	if u == (liveblog.UsedCopy{}) {
		return nil
	}
	_, err := tx.ExecContext(ctx, useCopy, u.Owner, u.ID, slug, at.UnixMicro())
	return err
}

const useCopy = `INSERT INTO working_copies (owner, id, blog, number, base, revision, writer, at, used, title, fields)
	VALUES ($1, $2, $3, 0, 0, 1, '', $4, TRUE, '', '')
	ON CONFLICT (owner, id) DO UPDATE SET used = TRUE, at = excluded.at, title = '', fields = ''
		WHERE working_copies.blog = excluded.blog`

// purgeCopies deletes the working copies of an entry, of all people, since any of them may have the text that is purged.
const purgeCopies = `UPDATE working_copies SET used = TRUE, title = '', fields = '' WHERE blog = $1 AND number = $2`

// forgetPurgedCopies does so for a purge by a node of an older version, which does not know them.
const forgetPurgedCopies = `UPDATE working_copies SET used = TRUE, title = '', fields = ''
	WHERE used = FALSE AND EXISTS (SELECT 1 FROM entries WHERE entries.blog = working_copies.blog
		AND entries.number = working_copies.number AND entries.purged_at >= working_copies.at)`

const expireCopies = `DELETE FROM working_copies WHERE at < $1`
