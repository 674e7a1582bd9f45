package storetest

import (
	"flag"
	"os"
	"strconv"
)

// FewHistories makes n the number of random histories that each property test of the process plays, unless
// RAPID_CHECKS or -rapid.checks says how many; a TestMain calls it before it runs the tests.
//
// Every run plays other histories. One that fails is written to testdata/rapid, where it is tried first from then on,
// and the test prints the command and the seed (-rapid.seed, or RAPID_SEED for several packages) that play it again.
func FewHistories(n int) {
	if os.Getenv("RAPID_CHECKS") != "" {
		return
	}
	// The flag is rapid's; it is parsed later, and what the command line says holds.
	if err := flag.Set("rapid.checks", strconv.Itoa(n)); err != nil {
		panic(err)
	}
}
