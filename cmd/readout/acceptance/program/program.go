// Package program gives acceptance tests the built program: it builds the binary once for a test process and starts it as an
// operator would.
package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build builds the program into a directory and returns the path of the binary. It works in the program's own module, so that
// the versions are those that operators build with.
func Build(dir string) (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "readout").Output()
	if err != nil {
		return "", fmt.Errorf("finding the program's module: %w", err)
	}
	binary := filepath.Join(dir, "readout")
	cmd := exec.Command("go", "build", "-o", binary, "./cmd/readout")
	cmd.Dir = strings.TrimSpace(string(root))
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building the program: %w", err)
	}
	return binary, nil
}
