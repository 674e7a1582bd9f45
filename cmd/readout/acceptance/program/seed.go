package program

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// Seed returns the seed of the first history: the given one or, if that is 0, one that depends on the date. So the
// tests play other histories each day, and a failure of today can be repeated today.
func Seed(given uint64) uint64 {
	if given != 0 {
		return given
	}
	const spread = 1000 // between the seeds of two days; further histories have the seeds in between
	return uint64(time.Now().Unix()/(24*60*60)) * spread
}

// Replay logs, if the test has failed, the command that repeats it. Its parts are the folder of the package in this
// module, the test, the flags before the seed, and the seed. Callers defer it.
func Replay(t *testing.T, folder, test, flags string, seed uint64) {
	t.Helper()
	if t.Failed() {
		t.Logf("to repeat it: go test -C cmd/readout/acceptance -count=1 -run '%s' ./%s %s %d",
			pattern(test), folder, flags, seed)
	}
}

// pattern returns a pattern for `go test -run` that matches only this test.
func pattern(test string) string {
	return "^" + strings.ReplaceAll(regexp.QuoteMeta(test), "/", "$/^") + "$"
}
