package program_test

import (
	"os"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/program"
)

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

func TestProgramServes(t *testing.T) {
	t.Parallel()
	out, err := binaries.Command(t, "--help").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "serve") {
		t.Fatalf("%v\n%s", err, out)
	}
	p := binaries.Start(t, "serve", "--listen", "127.0.0.1:0", "--database", "sqlite:"+t.TempDir()+"/readout.db")
	res, err := p.Client.Get(p.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("the node answers /readyz with %s", res.Status)
	}
	p.Stop(t)
}

// TestProgramFromTheEnvironment checks that tests start the program that `make test` has built for all packages.
func TestProgramFromTheEnvironment(t *testing.T) {
	const path = "/somewhere/readout"
	t.Setenv("READOUT_TEST_PROGRAM", path)
	if got := binaries.Command(t).Path; got != path {
		t.Errorf("the tests start %s, want %s", got, path)
	}
}
