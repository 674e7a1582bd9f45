// Package program gives acceptance tests the built program. It builds the binaries once for each test process and
// starts them as an operator would. It also has what several of these tests need besides.
package program

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Path returns the path of a file of the repository, relative to a folder of this module, in which tests run.
func Path(name string) string { return filepath.Join("..", "..", "..", "..", name) }

// builtProgram is the environment variable with the path of a program that is already built. Without it the tests build
// the program.
const builtProgram = "READOUT_TEST_PROGRAM"

// Binaries builds the programs that the tests of a package start. The zero value is ready to use:
//
//	var binaries program.Binaries
//
//	func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }
type Binaries struct {
	mu    sync.Mutex        // guards the fields below
	dir   string            // has the binaries; "" before the first build
	paths map[string]string // of the binaries, by name
	err   error             // of the first build that failed
}

// Around runs the tests, then removes the binaries, and returns the exit status.
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

// Command returns a command that runs the program with these arguments. It is killed when the test ends.
func (b *Binaries) Command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), b.program(t), args...)
}

// program returns the path of the program.
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
	return b.path(t, "dying", func(dir string) (string, error) {
		return build(dir, "readout/cmd/readout/acceptance", "dying")
	})
}

// path returns the path of a binary, and builds it if no test has needed it before.
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

// Build builds the program into a directory and returns the path of the binary. It builds in the program's own module,
// with the versions that operators build with.
func Build(dir string) (string, error) { return build(dir, "readout", "cmd/readout") }

// build builds the package in a folder of a module into dir, with further flags.
func build(dir, module, folder string, flags ...string) (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w\n%s", err, e.Stderr)
		}
		return "", fmt.Errorf("finding the module %s: %w", module, err)
	}
	binary := filepath.Join(dir, filepath.Base(folder))
	// Without cgo and version control information, as in `make test`, so that everything comes from the build cache.
	args := slices.Concat([]string{"build", "-buildvcs=false", "-o", binary}, flags, []string{"./" + folder})
	cmd := exec.Command("go", args...)
	cmd.Dir = strings.TrimSpace(string(root))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", folder, err, out)
	}
	return binary, nil
}

// DiesAt is the environment variable that tells the node with the failpoint at which of its publications it dies,
// counted from 1.
const DiesAt = "READOUT_TEST_DIES_AT"

// StartDying is like [Binaries.Start] for a node that is killed instead of publishing one of its writes, which is
// committed then.
func (b *Binaries) StartDying(t testing.TB, publication int, args ...string) *Process {
	t.Helper()
	return start(t, b.dying(t), []string{DiesAt + "=" + strconv.Itoa(publication)}, args)
}

// Start runs the program with the command "serve" and its flags, and returns when the node listens. The process is
// killed when the test ends.
func (b *Binaries) Start(t testing.TB, args ...string) *Process {
	t.Helper()
	return start(t, b.program(t), nil, args)
}

// StartLimited is like [Binaries.Start] for a process with limited memory, in KiB of address space, and open files.
func (b *Binaries) StartLimited(t testing.TB, memory, openFiles int, args ...string) *Process {
	t.Helper()
	args = slices.Concat([]string{b.program(t)}, args[:1], []string{"--drain", "0s", "--log-level", "WARN"}, args[1:])
	ulimit := fmt.Sprintf(`ulimit -v %d && ulimit -n %d && exec "$0" "$@"`, memory, openFiles)
	return listen(t, exec.CommandContext(t.Context(), "sh", append([]string{"-c", ulimit}, args...)...))
}
