package store

import (
	"testing"

	"go.uber.org/goleak"

	"readout/store/postgrestest"
	"readout/store/sqlitetest"
	"readout/store/storetest"
)

// PostgresServer is the server of all tests of the package that do not break it.
var PostgresServer postgrestest.Shared

// SQLiteFiles makes the files of all tests of the package that do not test how a file comes to be.
var SQLiteFiles = sqlitetest.NewTemplate(Migrate)

func TestMain(m *testing.M) {
	storetest.FewHistories(12)
	goleak.VerifyTestMain(PostgresServer.Around(m))
}

// newFile returns the path of a SQLite database that is up to date and empty.
func newFile(t testing.TB) string {
	t.Helper()
	return SQLiteFiles.File(t)
}

// newPostgres returns the URL of a PostgreSQL database that is up to date and empty. Nothing on it times out because
// the machine is busy.
func newPostgres(t testing.TB) string {
	t.Helper()
	return PostgresServer.Migrated(t, Migrate)
}
