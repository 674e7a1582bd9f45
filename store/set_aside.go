package store

import (
	"context"
	"database/sql"

	"readout/liveblog"
)

// AddSetAside implements [liveblog.LogStore].
func (s *store) AddSetAside(ctx context.Context, slug string, v liveblog.SetAside) error {
	_, err := update(ctx, s, "set a version aside", func(tx *sql.Tx) (none struct{}, err error) {
		if _, err = s.lockWritable(ctx, tx, slug); err != nil {
			return none, err
		}
		if _, err = findEntry(ctx, tx, slug, v.Number); err != nil {
			return none, err
		}
		if _, err = tx.ExecContext(ctx, addSetAside, slug, v.Number, v.Base, v.ByID, v.By, v.At.UnixMicro(), v.Headline,
			v.Body, string(v.Acts)); err != nil {
			return none, err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM set_aside WHERE blog = $1 AND number = $2 AND id <=
			(SELECT max(id) FROM set_aside WHERE blog = $1 AND number = $2) - $3`, slug, v.Number, liveblog.MaxSetAside)
		return none, err
	})
	return err
}

// addSetAside adds a version unless the person has set the same aside already, or the revision that it is based on was
// purged since, whose text it may have.
const addSetAside = `INSERT INTO set_aside (blog, number, id, base, by_id, by_name, at, headline, body, acts)
	SELECT $1, $2, 1 + coalesce((SELECT max(id) FROM set_aside WHERE blog = $1 AND number = $2), 0),
		$3, $4, $5, $6, $7, $8, $9
	WHERE EXISTS (SELECT 1 FROM revisions
			WHERE blog = $1 AND number = $2 AND revision = $3 AND purged_at IS NULL)
		AND NOT EXISTS (SELECT 1 FROM set_aside
			WHERE blog = $1 AND number = $2 AND by_id = $4 AND headline = $7 AND body = $8 AND acts = $9)`

// SetAside implements [liveblog.ReadStore].
func (s *store) SetAside(ctx context.Context, slug string, number int) ([]liveblog.SetAside, error) {
	return view(ctx, s, "read versions set aside", func(tx *sql.Tx) ([]liveblog.SetAside, error) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return nil, err
		}
		list, err := collect(ctx, tx, func(r row) (v liveblog.SetAside, err error) {
			err = r.Scan(&v.Number, &v.Base, &v.ByID, &v.By, instant{&v.At}, &v.Headline, &v.Body, &v.Acts)
			return v, err
		}, selectSetAside, slug, number)
		if err == nil && len(list) == 0 {
			_, err = findEntry(ctx, tx, slug, number)
		}
		return list, err
	})
}

const selectSetAside = `SELECT number, base, by_id, by_name, at, headline, body, acts FROM set_aside AS v
	WHERE blog = $1 AND number = $2 AND NOT EXISTS (SELECT 1 FROM revisions AS r
		WHERE r.blog = v.blog AND r.number = v.number AND r.revision > v.base AND r.headline = v.headline
			AND r.body = v.body AND r.acts = v.acts)
	ORDER BY id DESC`

// purgeSetAside deletes all that was set aside of an entry, since any of it may have the text that is purged.
const purgeSetAside = `DELETE FROM set_aside WHERE blog = $1 AND number = $2`

// forgetSetAside deletes what was set aside before a purge by a node of an older version, which does not know it.
const forgetSetAside = `DELETE FROM set_aside WHERE EXISTS (SELECT 1 FROM entries
	WHERE entries.blog = set_aside.blog AND entries.number = set_aside.number AND entries.purged_at >= set_aside.at)`
