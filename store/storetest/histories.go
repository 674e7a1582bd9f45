package storetest

import (
	"flag"
	"os"
	"strconv"
)

// FewHistories sets the number of random histories that each property test of the process checks, unless RAPID_CHECKS
// or -rapid.checks is set. A TestMain calls it before it runs the tests.
//
// Every run checks different histories. A history that fails is written to testdata/rapid and is checked first from
// then on. The test prints the command and the seed that repeat it: -rapid.seed, or RAPID_SEED for several packages.
func FewHistories(n int) {
	if os.Getenv("RAPID_CHECKS") != "" {
		return
	}
	// This is rapid's flag. The command line is parsed later, so it takes precedence.
	if err := flag.Set("rapid.checks", strconv.Itoa(n)); err != nil {
		panic(err)
	}
}
