package program

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// otherAssets is what the assets of the other version of the program have in addition. Each asset has a mark that pages
// can find: data-version on the root element, or the custom property --version.
var otherAssets = map[string]string{
	"reader.js":  "\ndocument.documentElement.dataset.version = 'other'\n",
	"desk.js":    "\ndocument.documentElement.dataset.version = 'other'\n",
	"reader.css": "\n:root { --version: other }\n",
	"talks.css":  "\n:root { --talks-version: other }\n",
	"desk.css":   "\n:root { --version: other }\n",
}

// StartOther is like [Binaries.Start] for a process of another version of the program, whose assets differ from this
// one's.
func (b *Binaries) StartOther(t testing.TB, args ...string) *Process {
	t.Helper()
	binary := b.path(t, "other", func(dir string) (string, error) {
		dir = filepath.Join(dir, "other")
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", err
		}
		overlay, err := changedAssets(dir)
		if err != nil {
			return "", fmt.Errorf("changing the assets: %w", err)
		}
		return build(dir, "readout", "cmd/readout", "-overlay", overlay)
	})
	return start(t, binary, nil, args)
}

// changedAssets writes into dir what `go build -overlay` needs for a program with otherAssets.
func changedAssets(dir string) (overlay string, err error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "readout").Output()
	if err != nil {
		return "", err
	}
	dist := filepath.Join(strings.TrimSpace(string(root)), "assets", "dist")
	replace := map[string]string{}
	for name, mark := range otherAssets {
		original := filepath.Join(dist, name)
		text, err := os.ReadFile(original)
		if err != nil {
			return "", err
		}
		replace[original] = filepath.Join(dir, name)
		if err := os.WriteFile(replace[original], append(text, mark...), 0o600); err != nil {
			return "", err
		}
		for _, compressed := range []string{".br", ".gz"} { // they have the original content
			replace[original+compressed] = ""
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
