// Package program gives acceptance tests the built program: it builds the binaries once for a test process and starts them as an
// operator would.
package program

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Path returns the path of a file of the repository, as tests in the folders of this module see it.
func Path(name string) string { return filepath.Join("..", "..", "..", "..", name) }

// builtProgram is the variable that names the program when it has been built already. Without it the tests build it.
const builtProgram = "READOUT_TEST_PROGRAM"

// Binaries are the programs that the tests of a package start. The zero value is ready:
//
//	var binaries program.Binaries
//
//	func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }
type Binaries struct {
	mu    sync.Mutex // guards what follows
	dir   string     // of what was built; "" before
	paths map[string]string
	err   error // of the first build that failed
}

// Around runs the tests and then removes what was built for them.
func (b *Binaries) Around(m interface{ Run() int }) int {
	code := m.Run()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" {
		return code
	}
	if err := os.RemoveAll(b.dir); err != nil {
		fmt.Fprintln(os.Stderr, "removing the programs of the tests:", err)
		return max(code, 1)
	}
	return code
}

// Command returns the program with these arguments, to be run by the caller. It ends with the test.
func (b *Binaries) Command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), b.program(t), args...)
}

// program returns the path of the program itself.
func (b *Binaries) program(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(builtProgram); path != "" {
		return path
	}
	return b.path(t, "readout", Build)
}

// dying returns the path of the node with the failpoint.
func (b *Binaries) dying(t testing.TB) string {
	t.Helper()
	return b.path(t, "dying", func(dir string) (string, error) { return build(dir, "readout/cmd/readout/acceptance", "dying") })
}

func (b *Binaries) path(t testing.TB, name string, build func(dir string) (string, error)) string {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if path, ok := b.paths[name]; ok {
		return path
	}
	if b.err == nil && b.dir == "" {
		b.dir, b.err = os.MkdirTemp("", "readout")
		b.paths = map[string]string{}
	}
	if b.err == nil {
		b.paths[name], b.err = build(b.dir)
	}
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.paths[name]
}

// Build builds the program into a directory and returns the path of the binary. It works in the program's own module, so that
// the versions are those that operators build with.
func Build(dir string) (string, error) { return build(dir, "readout", "cmd/readout") }

// build builds a package of a module, given by its folder.
func build(dir, module, folder string) (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w\n%s", err, e.Stderr)
		}
		return "", fmt.Errorf("finding the module %s: %w", module, err)
	}
	binary := filepath.Join(dir, filepath.Base(folder))
	// Without cgo and without what the version control says, as `make test` builds: all that is compiled comes from its cache.
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "./"+folder)
	cmd.Dir = strings.TrimSpace(string(root))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", folder, err, out)
	}
	return binary, nil
}

// DiesAt is the variable that tells the node with the failpoint which of its publications kills it, counted from 1.
const DiesAt = "READOUT_TEST_DIES_AT"

// StartDying is Start for a node that is killed between the commit and the publication of a write.
func (b *Binaries) StartDying(t testing.TB, publication int, args ...string) *Process {
	t.Helper()
	return start(t, b.dying(t), []string{DiesAt + "=" + strconv.Itoa(publication)}, args)
}

// Start runs the program with a command that serves, such as "serve", and further arguments. It returns when the node listens. The process is killed
// when the test ends, if it has not ended before.
func (b *Binaries) Start(t testing.TB, args ...string) *Process {
	t.Helper()
	return start(t, b.program(t), nil, args)
}
