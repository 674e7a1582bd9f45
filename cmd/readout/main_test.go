package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary the program itself where it is called readout, for scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"readout": main})
}
