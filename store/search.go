package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"readout/liveblog"
)

// wordIndex is how an engine finds entries by their words. What is in it is written in the transaction that changes the
// entry.
type wordIndex struct {
	// put adds an entry, or replaces it, and remove takes it out, where it is in it.
	put    func(ctx context.Context, tx *sql.Tx, slug string, e indexed) error
	remove func(ctx context.Context, tx *sql.Tx, slug string, number int) error
	// find returns what [liveblog.SearchStore] says of a query that has terms. Before is nil for the newest.
	find func(ctx context.Context, tx *sql.Tx, slug string, q liveblog.SearchQuery, before *liveblog.Entry, limit int) ([]liveblog.Entry, error)
}

// indexed is what an index takes of a public entry.
type indexed struct {
	number    int
	published int64 // in microseconds
	liveblog.Indexed
}

func indexedOf(e liveblog.Entry) indexed {
	return indexed{number: e.Number, published: e.PublishedAt.UnixMicro(), Indexed: e.Indexed()}
}

// indexEntry brings the index to the new state of an entry.
func (i wordIndex) indexEntry(ctx context.Context, tx *sql.Tx, slug string, prev *liveblog.Entry, next liveblog.Entry) error {
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
func (s *store) Search(ctx context.Context, slug string, q liveblog.SearchQuery, before, limit int) (liveblog.Found, error) {
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

// written writes the terms of a query, each by what an engine has for it.
func written(q liveblog.SearchQuery, and string, write func(liveblog.SearchTerm) string) string {
	terms := make([]string, len(q.Terms))
	for i, t := range q.Terms {
		terms[i] = write(t)
	}
	return strings.Join(terms, and)
}
