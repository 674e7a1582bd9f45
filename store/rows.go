package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"readout/liveblog"
)

// storable reports whether the database can contain a text. Reads by any other text must find nothing, but PostgreSQL
// would fail with an error.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// micros returns t as it is read back from the database, which stores times as microseconds since 1970.
func micros(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// orNull returns a column value that is NULL for the zero value.
func orNull[T comparable](v T) sql.Null[T] {
	var zero T
	return sql.Null[T]{V: v, Valid: v != zero}
}

// timeOrNull returns a column value that is NULL for the zero time.
func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// instant scans a column of microseconds into a time; NULL becomes the zero time.
type instant struct{ *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.Time = time.Time{}
	case int64:
		*i.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}

const blogColumns = `slug, title, standfirst, status, time_zone, language, venue, address, epoch, seq, ` +
	`created_at, updated_at, head_seq, last_number, talks_seq, started_at, ended_at, changed_at, changed_before, ` +
	`archived_at`

// blogRow is a blog with the columns that the domain does not see.
type blogRow struct {
	liveblog.Blog
	headSeq    int64
	talksSeq   int64
	lastNumber int
}

// talksAt is the cursor of the talks' latest change.
func (b blogRow) talksAt() liveblog.Cursor {
	return liveblog.Cursor{Epoch: b.Cursor.Epoch, Seq: b.talksSeq}
}

func scanBlog(r row) (b blogRow, err error) {
	err = r.Scan(&b.Slug, &b.Title, &b.Standfirst, &b.Status, &b.TimeZone, &b.Language, &b.Venue, &b.Address,
		&b.Cursor.Epoch, &b.Cursor.Seq, instant{&b.CreatedAt}, instant{&b.UpdatedAt}, &b.headSeq, &b.lastNumber,
		&b.talksSeq, instant{&b.StartedAt}, instant{&b.EndedAt}, instant{&b.ChangedAt}, instant{&b.ChangedBefore},
		instant{&b.ArchivedAt})
	return b, err
}

// entryColumns are the columns of an entry in the tables entries and revisions.
const entryColumns = `number, revision, headline, body, author, author_id, edited_by, key_event, pinned, summary, ` +
	`status, created_at, published_at, updated_at, seq, acts, correction, purged_at, happened_at, written_by`

func scanEntry(r row) (e liveblog.Entry, err error) {
	var seq sql.NullInt64
	var correction string
	err = r.Scan(&e.Number, &e.Revision, &e.Headline, &e.Body, &e.Author, &e.AuthorID, &e.EditedBy, &e.KeyEvent,
		&e.Pinned, &e.Summary, &e.Status, instant{&e.CreatedAt}, instant{&e.PublishedAt}, instant{&e.UpdatedAt},
		&seq, &e.Acts, &correction, instant{&e.PurgedAt}, instant{&e.HappenedAt}, &e.WrittenBy)
	e.Seq = seq.Int64
	if err == nil {
		e.Correction, err = parseCorrection(correction)
	}
	return e, err
}

// entryValues returns the blog and the values of entryColumns.
func entryValues(slug string, e liveblog.Entry) []any {
	return []any{slug, e.Number, e.Revision, e.Headline, e.Body, e.Author, e.AuthorID, e.EditedBy, e.KeyEvent, e.Pinned,
		e.Summary, e.Status, e.CreatedAt.UnixMicro(), timeOrNull(e.PublishedAt), e.UpdatedAt.UnixMicro(),
		orNull(e.Seq), string(e.Acts), formatCorrection(e.Correction), timeOrNull(e.PurgedAt),
		timeOrNull(e.HappenedAt), e.WrittenBy}
}
