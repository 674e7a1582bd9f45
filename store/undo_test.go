package store

import (
	"context"
	"database/sql"
	"testing"

	"readout/store/schematest"
)

// executor is a database or a transaction.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// undoTo takes back all steps of the schema after a version.
func undoTo(t *testing.T, db executor, version int) {
	t.Helper()
	for _, statement := range schematest.Undo(version) {
		mustExec(t, db, statement)
	}
}

// It fails if a step of the schema has no statements in [schematest.Undo].
func TestUndoKnowsEveryStep(t *testing.T) {
	t.Parallel()
	s := openURL(t, "sqlite:"+newFile(t))
	var version int
	if err := s.read.QueryRow(`SELECT max(version_id) FROM schema_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	if known := schematest.Latest(); known != version {
		t.Errorf("the schema has version %d, and the tests can take back %d", version, known)
	}
}
