package program

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// clockSkew is the environment variable that tells a program with a wrong clock by how many seconds.
const clockSkew = "READOUT_TEST_CLOCK_SKEW"

// StartSkewed is like [Binaries.Start] for a process whose clock is ahead of the machine's by whole seconds. The
// program is built with an altered package time, which takes minutes the first time.
func (b *Binaries) StartSkewed(t testing.TB, ahead time.Duration, args ...string) *Process {
	t.Helper()
	binary := b.path(t, "skewed", func(dir string) (string, error) {
		dir = filepath.Join(dir, "skewed")
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", err
		}
		overlay, err := skewedTime(dir)
		if err != nil {
			return "", fmt.Errorf("altering package time: %w", err)
		}
		return build(dir, "readout", "cmd/readout", "-overlay", overlay)
	})
	return start(t, binary, []string{clockSkew + "=" + strconv.Itoa(int(ahead.Seconds()))}, args)
}

// skewedTime writes into dir what `go build -overlay` needs for a package time whose Now is wrong by clockSkew.
func skewedTime(dir string) (overlay string, err error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	source, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	const read = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if !strings.Contains(string(source), read) {
		return "", fmt.Errorf("%s does not begin Now as expected", original)
	}
	altered := strings.Replace(string(source), read, read+"\tsec += skew\n", 1)
	const skew = `package time

import "syscall"

var skew = func() (seconds int64) {
	text, _ := syscall.Getenv("` + clockSkew + `")
	sign := int64(1)
	for _, c := range []byte(text) {
		if c == '-' {
			sign = -1
			continue
		}
		seconds = 10*seconds + int64(c-'0')
	}
	return sign * seconds
}()
`
	replace := map[string]string{}
	added := filepath.Join(filepath.Dir(original), "skew.go")
	for path, text := range map[string]string{original: altered, added: skew} {
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[path] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
