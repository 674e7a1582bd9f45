package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"readout/liveblog"
)

// CreateBlog implements [liveblog.LogStore].
func (s *store) CreateBlog(ctx context.Context, b liveblog.Blog, a liveblog.Audit) (liveblog.Blog, error) {
	return update(ctx, s, "create blog", func(tx *sql.Tx) (liveblog.Blog, error) { return insertBlog(ctx, tx, b, a) })
}

func insertBlog(ctx context.Context, tx *sql.Tx, b liveblog.Blog, a liveblog.Audit) (liveblog.Blog, error) {
	b.Cursor = liveblog.Cursor{Epoch: liveblog.NewEpoch()}
	b.CreatedAt, b.UpdatedAt = micros(b.CreatedAt), micros(b.UpdatedAt)
	b.ChangedAt, b.ChangedBefore = b.UpdatedAt, b.UpdatedAt
	b = b.Covered(b.CreatedAt)
	added, err := exec(ctx, tx, `INSERT INTO blogs (`+blogColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, $13, $14, $15, $15, NULL)
		ON CONFLICT (slug) DO NOTHING`,
		b.Slug, b.Title, b.Standfirst, b.Status, b.TimeZone, b.Language, b.Venue, b.Address, b.Cursor.Epoch,
		b.Cursor.Seq, b.CreatedAt.UnixMicro(), b.UpdatedAt.UnixMicro(), timeOrNull(b.StartedAt),
		timeOrNull(b.EndedAt), b.ChangedAt.UnixMicro())
	if err != nil {
		return b, err
	}
	if !added {
		return b, liveblog.FieldErrorf(liveblog.Conflict, "slug", "There is a blog “%s” already.", b.Slug)
	}
	return b, addAudit(ctx, tx, a, subject{blog: b.Slug})
}

// UpdateBlog implements [liveblog.LogStore].
func (s *store) UpdateBlog(
	ctx context.Context, slug string, p liveblog.BlogPatch, a liveblog.Audit,
) (liveblog.Blog, []liveblog.Change, error) {
	var changes []liveblog.Change
	b, err := update(ctx, s, "update blog", func(tx *sql.Tx) (liveblog.Blog, error) {
		prev, err := s.lockWritable(ctx, tx, slug)
		if err != nil {
			return prev.Blog, err
		}
		b, err := p.Apply(prev.Blog)
		if err != nil || b == prev.Blog {
			return b, err
		}
		b.UpdatedAt = micros(a.At)
		b = b.Covered(b.UpdatedAt)
		err = tx.QueryRowContext(ctx, `UPDATE blogs
			SET title = $1, standfirst = $2, status = $3, time_zone = $4, language = $5, updated_at = $6,
				started_at = $7, ended_at = $8, venue = $9, address = $10, seq = seq + 1, head_seq = seq + 1,
				changed_before = changed_at, changed_at = `+laterOf("$6")+`
			WHERE slug = $11 RETURNING seq, changed_at, changed_before`,
			b.Title, b.Standfirst, b.Status, b.TimeZone, b.Language, b.UpdatedAt.UnixMicro(), timeOrNull(b.StartedAt),
			timeOrNull(b.EndedAt), b.Venue, b.Address, slug).
			Scan(&b.Cursor.Seq, instant{&b.ChangedAt}, instant{&b.ChangedBefore})
		if err != nil {
			return b, err
		}
		head, err := readHead(ctx, tx, b)
		if err != nil {
			return b, err
		}
		changes = []liveblog.Change{{Cursor: b.Cursor, Head: &head}}
		a.Detail = prev.Blog.ChangedFields(b)
		return b, addAudit(ctx, tx, a, subject{blog: slug})
	})
	if err != nil {
		return b, nil, err
	}
	return b, changes, nil
}

// Archive implements [liveblog.LogStore].
func (s *store) Archive(
	ctx context.Context, slug string, archived bool, a liveblog.Audit,
) (liveblog.Blog, []liveblog.Change, error) {
	var changes []liveblog.Change
	b, err := update(ctx, s, "archive blog", func(tx *sql.Tx) (liveblog.Blog, error) {
		changes = nil
		b, err := s.lockBlog(ctx, tx, slug)
		if err != nil || b.Archived() == archived {
			return b.Blog, err
		}
		if b.ArchivedAt = (time.Time{}); archived {
			b.ArchivedAt = micros(a.At)
		}
		if err := advance(ctx, tx, &b, liveblog.Effect{Head: true}, false, a.At); err != nil {
			return b.Blog, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE blogs SET archived_at = $1 WHERE slug = $2`, timeOrNull(b.ArchivedAt),
			slug); err != nil {
			return b.Blog, err
		}
		head, err := readHead(ctx, tx, b.Blog)
		if err != nil {
			return b.Blog, err
		}
		changes = []liveblog.Change{{Cursor: b.Cursor, Head: &head}}
		return b.Blog, addAudit(ctx, tx, a, subject{blog: slug})
	})
	if err != nil {
		return b, nil, err
	}
	return b, changes, nil
}

// Blogs implements [liveblog.ReadStore].
func (s *store) Blogs(ctx context.Context) ([]liveblog.Blog, error) {
	return view(ctx, s, "read blogs", func(tx *sql.Tx) ([]liveblog.Blog, error) {
		return collect(ctx, tx, func(r row) (liveblog.Blog, error) {
			b, err := scanBlog(r)
			return b.Blog, err
		}, `SELECT `+blogColumns+` FROM blogs ORDER BY created_at DESC, slug`)
	})
}

// Blog implements [liveblog.ReadStore].
func (s *store) Blog(ctx context.Context, slug string) (liveblog.Blog, error) {
	return view(ctx, s, "read blog", func(tx *sql.Tx) (liveblog.Blog, error) {
		b, err := readBlog(ctx, tx, slug)
		return b.Blog, err
	})
}

// Cursor implements [liveblog.ReadStore].
func (s *store) Cursor(ctx context.Context, slug string) (c liveblog.Cursor, err error) {
	if !storable(slug) {
		return c, noBlog(slug)
	}
	// A single statement needs no transaction to see one snapshot.
	c, err = connect(ctx, s, s.read, func() (c liveblog.Cursor, err error) {
		err = s.read.QueryRowContext(ctx, `SELECT epoch, seq FROM blogs WHERE slug = $1`, slug).Scan(&c.Epoch, &c.Seq)
		return c, err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = noBlog(slug)
	}
	if err != nil {
		return liveblog.Cursor{}, s.failure(ctx, "read cursor", err)
	}
	return c, nil
}

// laterOf returns SQL for the later of changed_at and a parameter, since nodes know the store's time only nearly and
// changed_at must not go back.
func laterOf(at string) string {
	return `CASE WHEN changed_at < ` + at + ` THEN ` + at + ` ELSE changed_at END`
}

func readBlog(ctx context.Context, tx *sql.Tx, slug string) (blogRow, error) {
	return selectBlog(ctx, tx, slug, "")
}

// lockWritable is lockBlog for writes that an archived blog does not take.
func (s *store) lockWritable(ctx context.Context, tx *sql.Tx, slug string) (blogRow, error) {
	b, err := s.lockBlog(ctx, tx, slug)
	if err == nil {
		err = b.CheckWritable()
	}
	return b, err
}

// lockBlog reads a blog and keeps other transactions from writing it or its entries until this one ends. Every write to
// the log begins with it, so writes to one blog are serialized.
func (s *store) lockBlog(ctx context.Context, tx *sql.Tx, slug string) (blogRow, error) {
	return selectBlog(ctx, tx, slug, s.engine.lockRow)
}

func selectBlog(ctx context.Context, tx *sql.Tx, slug, lock string) (blogRow, error) {
	if !storable(slug) {
		return blogRow{}, noBlog(slug)
	}
	b, err := scanBlog(tx.QueryRowContext(ctx, `SELECT `+blogColumns+` FROM blogs WHERE slug = $1 `+lock, slug))
	if errors.Is(err, sql.ErrNoRows) {
		err = noBlog(slug)
	}
	return b, err
}

// startCoverage moves the start of the coverage back to an entry that was published earlier.
func startCoverage(ctx context.Context, tx *sql.Tx, b *blogRow, e liveblog.Entry) error {
	if !e.Public() || !b.StartedAt.IsZero() && !e.PublishedAt.Before(b.StartedAt) {
		return nil
	}
	b.StartedAt = e.PublishedAt
	_, err := tx.ExecContext(ctx, `UPDATE blogs SET started_at = $1 WHERE slug = $2`, b.StartedAt.UnixMicro(), b.Slug)
	return err
}
