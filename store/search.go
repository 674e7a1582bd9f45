package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"readout/liveblog"
)

// wordIndex is an engine's full-text index. It is updated in the transaction that changes an entry.
type wordIndex struct {
	// put adds or replaces an entry.
	put func(ctx context.Context, tx *sql.Tx, slug string, e indexed) error
	// remove removes an entry if it is in the index.
	remove func(ctx context.Context, tx *sql.Tx, slug string, number int) error
	// compact drops the words of entries that were removed, where the engine keeps them for a while; nil where not.
	compact func(context.Context, *sql.Tx) error
	// find returns what [liveblog.SearchStore] documents for a query with terms. Before is nil to begin with the
	// newest.
	find func(
		ctx context.Context, tx *sql.Tx, slug string, q liveblog.SearchQuery, before *liveblog.Entry, limit int,
	) ([]liveblog.Entry, error)
}

// indexed is the part of a public entry that an index stores.
type indexed struct {
	number    int
	published int64 // in microseconds
	liveblog.Indexed
}

func indexedOf(e liveblog.Entry) indexed {
	return indexed{number: e.Number, published: e.PublishedAt.UnixMicro(), Indexed: e.Indexed()}
}

// indexEntry updates the index after an entry changes from prev (nil for a new entry) to next.
func (i wordIndex) indexEntry(
	ctx context.Context, tx *sql.Tx, slug string, prev *liveblog.Entry, next liveblog.Entry,
) error {
	was := prev != nil && prev.Public()
	switch {
	case next.Public():
		in := indexedOf(next)
		if was && in == indexedOf(*prev) {
			return nil
		}
		return i.put(ctx, tx, slug, in)
	case was:
		return i.remove(ctx, tx, slug, next.Number)
	}
	return nil
}

// Search implements [liveblog.SearchStore].
func (s *store) Search(
	ctx context.Context, slug string, q liveblog.SearchQuery, before, limit int,
) (liveblog.Found, error) {
	return view(ctx, s, "search", func(tx *sql.Tx) (f liveblog.Found, err error) {
		b, err := readBlog(ctx, tx, slug)
		if err != nil {
			return f, err
		}
		f.Blog = b.Blog
		var anchor *liveblog.Entry
		if before != 0 {
			e, err := readEntry(ctx, tx, slug, before)
			if errors.Is(err, sql.ErrNoRows) || err == nil && e.PublishedAt.IsZero() {
				return f, noEntry("before", before)
			}
			if err != nil {
				return f, err
			}
			anchor = &e
		}
		if len(q.Terms) == 0 {
			return f, nil
		}
		limit = max(limit, 1)
		all, err := s.engine.words.find(ctx, tx, slug, q, anchor, limit+1)
		if err != nil {
			return f, err
		}
		f.Entries, f.Older = cut(all, limit)
		return f, nil
	})
}

// joinTerms formats each term of a query with an engine's function and joins them with its operators.
func joinTerms(q liveblog.SearchQuery, and, or string, format func(liveblog.SearchTerm) string) string {
	terms := make([]string, len(q.Terms))
	for i, t := range q.Terms {
		terms[i] = format(t)
		for _, other := range t.Or {
			terms[i] += or + format(other)
		}
		if len(t.Or) > 0 {
			terms[i] = "(" + terms[i] + ")"
		}
	}
	return strings.Join(terms, and)
}
