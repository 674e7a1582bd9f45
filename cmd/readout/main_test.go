package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the test binary as the program, under the name readout.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"readout": main})
}
