package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"readout/liveblog"
)

// readRoles returns the roles of a user, token or invitation on single blogs; nil for none.
func readRoles(ctx context.Context, tx *sql.Tx, member string) (map[string]liveblog.Role, error) {
	all, err := selectRoles(ctx, tx, ` WHERE member = $1`, member)
	return all[member], err
}

// readAllRoles returns the roles on single blogs of everybody, by the id of the user, token or invitation.
func readAllRoles(ctx context.Context, tx *sql.Tx) (map[string]map[string]liveblog.Role, error) {
	return selectRoles(ctx, tx, "")
}

func selectRoles(ctx context.Context, tx *sql.Tx, where string, args ...any) (
	map[string]map[string]liveblog.Role, error) {
	type grant struct {
		member, slug string
		role         liveblog.Role
	}
	grants, err := collect(ctx, tx, func(r row) (g grant, err error) {
		err = r.Scan(&g.member, &g.slug, &g.role)
		return g, err
	}, `SELECT member, blog, role FROM roles`+where, args...)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]liveblog.Role{}
	for _, g := range grants {
		if all[g.member] == nil {
			all[g.member] = map[string]liveblog.Role{}
		}
		all[g.member][g.slug] = g.role
	}
	return all, nil
}

// putRoles replaces the roles of a user or token on single blogs. It fails with [liveblog.NotFound] and the field
// "slug" if there is no such blog.
func putRoles(ctx context.Context, tx *sql.Tx, member string, on map[string]liveblog.Role) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM roles WHERE member = $1`, member); err != nil {
		return err
	}
	for _, slug := range slices.Sorted(maps.Keys(on)) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO roles (member, blog, role) VALUES ($1, $2, $3)`,
			member, slug, on[slug]); err != nil {
			return err
		}
	}
	return nil
}
