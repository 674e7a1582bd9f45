package program_test

import (
	"os"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/program"
)

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

// The program that the tests of this module start is the one that the operators' module builds, and it serves.
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
		t.Errorf("a node that listens answers /readyz with %s", res.Status)
	}
	p.Stop(t)
}

// What needs no building is not built: `make test` builds the program once for all packages.
func TestProgramThatIsBuilt(t *testing.T) {
	t.Setenv("READOUT_TEST_PROGRAM", "/somewhere/readout")
	if got := binaries.Command(t).Path; got != "/somewhere/readout" {
		t.Errorf("the tests start %s", got)
	}
}
