package store

import (
	"context"
	"database/sql"

	"readout/liveblog"
)

// Statements implements [liveblog.ReadStore].
func (s *store) Statements(
	ctx context.Context, slug string,
) (liveblog.Blog, liveblog.Setup, []liveblog.Statement, error) {
	type stated struct {
		blog       liveblog.Blog
		setup      liveblog.Setup
		statements []liveblog.Statement
	}
	got, err := view(ctx, s, "read statements", func(tx *sql.Tx) (got stated, err error) {
		b, err := readBlog(ctx, tx, slug)
		if err != nil {
			return got, err
		}
		got.blog = b.Blog
		if got.setup, err = readSetup(ctx, tx, slug); err != nil {
			return got, err
		}
		got.statements, err = collect(ctx, tx, scanStatement, selectStatements, slug)
		return got, err
	})
	return got.blog, got.setup, got.statements, err
}
