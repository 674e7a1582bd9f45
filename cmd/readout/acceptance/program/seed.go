package program

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// Seed returns the seed that histories begin with: the one given, or where that is 0 one of the day. So each day's runs play
// other histories, and what fails today fails again when the tests are run again.
func Seed(given uint64) uint64 {
	if given != 0 {
		return given
	}
	const spread = 1000 // histories have the seeds that follow: those of two days must not overlap
	return uint64(time.Now().Unix()/(24*60*60)) * spread
}

// Replay, deferred, says how to play what failed again: the package's folder in this module, the test, and the flags before
// the seed.
func Replay(t *testing.T, folder, test, flags string, seed uint64) {
	t.Helper()
	if t.Failed() {
		t.Logf("to play it again: go test -C cmd/readout/acceptance -count=1 -run '%s' ./%s %s %d", pattern(test), folder, flags, seed)
	}
}

// pattern matches one test, by the whole of each part of its name.
func pattern(test string) string {
	return "^" + strings.ReplaceAll(regexp.QuoteMeta(test), "/", "$/^") + "$"
}
