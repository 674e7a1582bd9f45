package store

import (
	"testing"

	"go.uber.org/goleak"

	"readout/store/postgrestest"
)

// PostgresServer is the server of all tests of the package that do not break it.
var PostgresServer postgrestest.Shared

func TestMain(m *testing.M) { goleak.VerifyTestMain(PostgresServer.Around(m)) }
