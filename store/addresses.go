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

// Addresses implements [liveblog.ReadStore].
func (s *store) Addresses(ctx context.Context, since time.Time, limit int) ([]liveblog.Address, error) {
	type blog struct{ slug, language string }
	return view(ctx, s, "read addresses", func(tx *sql.Tx) (all []liveblog.Address, err error) {
		blogs, err := collect(ctx, tx, func(r row) (b blog, err error) {
			err = r.Scan(&b.slug, &b.language)
			return b, err
		}, `SELECT slug, language FROM blogs ORDER BY created_at DESC, slug`)
		if err != nil {
			return nil, err
		}
		limit = max(limit, 0)
		for _, b := range blogs {
			for _, pinned := range []bool{false, true} { // two queries, because the index begins with this column
				some, err := collect(ctx, tx, func(r row) (liveblog.Address, error) {
					a := liveblog.Address{Slug: b.slug, Language: b.language}
					err := r.Scan(&a.Number, &a.Headline, &a.Beginning, instant{&a.PublishedAt}, instant{&a.UpdatedAt})
					return a, err
				}, selectAddresses, b.slug, pinned, since.UnixMicro(), limit)
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
			slices.SortFunc(all, func(a, b liveblog.Address) int {
				return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(a.Slug, b.Slug),
					cmp.Compare(b.Number, a.Number))
			})
			if len(all) > limit {
				clear(all[limit:])
				all = all[:limit]
			}
			if limit > 0 && len(all) == limit {
				// From the remaining blogs only newer entries can enter the result, so a site with many blogs is not
				// read completely.
				since = all[limit-1].PublishedAt
			}
		}
		return all, nil
	})
}
