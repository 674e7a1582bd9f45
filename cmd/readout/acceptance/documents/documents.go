// Package documents reads the documents of the repository for tests that run their commands.
package documents

import (
	"os"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/program"
)

// Text returns the text of a document, given by its path in the repository.
func Text(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(program.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Commands returns the first block of shell commands after a heading of a document.
func Commands(t testing.TB, name, heading string) string {
	t.Helper()
	_, section, found := strings.Cut(Text(t, name), "\n"+heading+"\n")
	_, block, opened := strings.Cut(section, "```sh\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !opened || !closed {
		t.Fatalf("%s has no commands below %q", name, heading)
	}
	return block
}
