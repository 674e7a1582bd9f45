// Package audit_test is what tools think of the pages: axe-core, html-validate, Lighthouse and another browser.
package audit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"readout/cmd/readout/acceptance/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// tools returns the folder of what package.json names. Without it the test is skipped, but not in CI.
func tools(t *testing.T, name string) (dir string) {
	t.Helper()
	dir, err := filepath.Abs("testdata/npm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", name)); err != nil {
		skip(t, name+" is not installed: run npm ci in "+dir)
	}
	if _, err := exec.LookPath("node"); err != nil {
		skip(t, "there is no node on this machine")
	}
	return dir
}

// skip skips the test for what is missing, but fails it in CI.
func skip(t *testing.T, missing string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}
