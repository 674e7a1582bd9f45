package program_test

import (
	"os/exec"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/program"
	_ "readout/cmd/readout/server"
)

func TestBuild(t *testing.T) {
	binary, err := program.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, "--help").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "serve") {
		t.Fatalf("%v\n%s", err, out)
	}
}
