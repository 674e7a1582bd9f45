// Package audit_test checks the pages with axe-core, html-validate, Lighthouse and Firefox.
package audit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/program"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// tools returns the folder with the npm packages. If the named one is not installed it skips the test, or fails it in
// CI.
func tools(t *testing.T, name string) (dir string) {
	t.Helper()
	dir, err := filepath.Abs("testdata/npm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", name)); err != nil {
		program.Missing(t, name+" is not installed: run npm ci in "+dir)
	}
	if _, err := exec.LookPath("node"); err != nil {
		program.Missing(t, "node is not installed")
	}
	return dir
}
