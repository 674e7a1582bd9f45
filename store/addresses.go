package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"readout/liveblog"
)

const selectAddresses = `SELECT number, headline, substr(body, 1, 600), published_at, updated_at FROM entries
	WHERE blog = $1 AND status = 'published' AND pinned = $2 AND published_at >= $3
	ORDER BY published_at DESC, number DESC LIMIT $4`

// Addresses implements [liveblog.LogStore].
func (s *store) Addresses(ctx context.Context, since time.Time, limit int) ([]liveblog.Address, error) {
	type blog struct{ slug, language string }
	return view(ctx, s, "read addresses", func(tx *sql.Tx) (all []liveblog.Address, err error) {
		blogs, err := collect(ctx, tx, func(r row) (b blog, err error) {
			err = r.Scan(&b.slug, &b.language)
			return b, err
		}, `SELECT slug, language FROM blogs`)
		if err != nil {
			return nil, err
		}
		for _, b := range blogs {
			for _, pinned := range []bool{false, true} { // as the index of the page has them
				some, err := collect(ctx, tx, func(r row) (liveblog.Address, error) {
					a := liveblog.Address{Slug: b.slug, Language: b.language}
					err := r.Scan(&a.Number, &a.Headline, &a.Beginning, instant{&a.PublishedAt}, instant{&a.UpdatedAt})
					return a, err
				}, selectAddresses, b.slug, pinned, since.UnixMicro(), max(limit, 0))
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
		}
		slices.SortFunc(all, func(a, b liveblog.Address) int {
			return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(a.Slug, b.Slug), cmp.Compare(b.Number, a.Number))
		})
		return all[:min(len(all), max(limit, 0))], nil
	})
}
