package program

import (
	"os"
	"testing"
)

// Missing skips a test because something is missing on this machine. In CI, where nothing may be missing, it fails the
// test.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
