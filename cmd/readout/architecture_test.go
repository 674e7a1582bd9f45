package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "readout"

// mayImport lists, for each folder of this module, the other packages of the module that it may import. A row covers
// the packages below its folder too, unless they have a row of their own.
var mayImport = map[string][]string{
	"assets": {},
	"cmd":    {"handlers", "liveblog", "realtime", "store", "views", "views/markdown", "views/talks"},
	"handlers": {
		"assets", "handlers/api", "handlers/desk", "handlers/partner", "handlers/reader", "handlers/web",
		"liveblog", "realtime", "views", "views/data", "views/reader", "views/talks",
	},
	"handlers/api": {"handlers/web", "liveblog", "views", "views/data"},
	"handlers/desk": {
		"handlers/web", "liveblog", "views", "views/desk", "views/markdown", "views/paste", "views/reader",
	},
	"handlers/partner": {"assets", "handlers/web", "liveblog", "views", "views/feed", "views/reader"},
	"handlers/reader":  {"handlers/web", "liveblog", "realtime", "views", "views/reader", "views/talks"},
	"handlers/web":     {"assets", "liveblog"},
	"liveblog":         {},
	"realtime":         {"liveblog"},
	"store":            {"liveblog"},
	"views":            {"assets", "liveblog", "views/markdown", "views/words"},
	"views/data":       {"liveblog", "views", "views/markdown", "views/talks"},
	"views/desk":       {"assets", "liveblog", "views", "views/diff", "views/markdown", "views/reader", "views/talks"},
	"views/diff":       {},
	"views/feed":       {"liveblog", "views", "views/markdown", "views/talks"},
	"views/inerttest":  {},
	"views/markdown":   {"liveblog"},
	"views/paste":      {"liveblog", "views/markdown"},
	"views/reader":     {"assets", "liveblog", "views", "views/diff", "views/markdown", "views/talks", "views/words"},
	"views/talks":      {"liveblog", "views", "views/diff", "views/markdown", "views/words"},
	"views/words":      {},
}

// acceptance is the folder of the module with the tests of the whole program.
const acceptance = "acceptance"

// testOnlyModules are large modules that only the acceptance tests need. Those who build the program should neither
// download nor trust them.
var testOnlyModules = []string{
	"github.com/Shopify/toxiproxy/v2", "github.com/compose-spec/compose-go/v2", "github.com/moby/buildkit",
	"github.com/rs/zerolog",
}

// listedPackage is what `go list -json` says about a package.
type listedPackage struct {
	ImportPath string
	Imports    []string // without those of its tests
	Dir        string
	GoFiles    []string // without its tests
}

// TestImportsFollowTheDesign compares the imports between the module's packages with the table. It finds an import that
// the table does not allow, a package that no row covers, and a row or permission that is no longer used.
func TestImportsFollowTheDesign(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range listPackages(t) {
		from := rowOf(p.ImportPath)
		if from == "" {
			t.Errorf("no row of the table covers %s", p.ImportPath)
			continue
		}
		used[from] = true
		for _, imported := range p.Imports {
			switch to := rowOf(imported); {
			case to == "" && from == "liveblog" && !isStandard(imported) &&
				!strings.HasPrefix(imported, "golang.org/x/text/"):
				t.Errorf("%s imports %s; the domain imports only the standard library and golang.org/x/text",
					p.ImportPath, imported)
			case to == "" || to == from:
			case !slices.Contains(mayImport[from], to):
				t.Errorf("%s imports %s; of this module it may import only %v", p.ImportPath, imported, mayImport[from])
			default:
				used[from+" "+to] = true
			}
		}
	}
	for from, list := range mayImport {
		if !used[from] {
			t.Errorf("the table has a row for %s, but there is no such package: delete it", from)
		}
		for _, to := range list {
			if !used[from+" "+to] {
				t.Errorf("the table lets %s import %s, but it does not: delete that entry", from, to)
			}
		}
	}
}

// rowOf returns the key of the row that covers a package: the longest folder that contains it, or "" for none.
func rowOf(importPath string) (row string) {
	path, inModule := strings.CutPrefix(importPath, module+"/")
	for folder := range mayImport {
		if inModule && (path == folder || strings.HasPrefix(path, folder+"/")) && len(folder) > len(row) {
			row = folder
		}
	}
	return row
}

// TestProgramHasNoTestServers checks that only tests, and other packages for tests, import the packages for tests,
// whose names end in "test".
func TestProgramHasNoTestServers(t *testing.T) {
	t.Parallel()
	forTests := func(importPath string) bool {
		return topFolder(importPath) != "" && strings.HasSuffix(importPath, "test")
	}
	for _, p := range listPackages(t) {
		for _, imported := range p.Imports {
			if forTests(imported) && !forTests(p.ImportPath) {
				t.Errorf("%s imports %s, which is for tests", p.ImportPath, imported)
			}
		}
	}
}

// TestModulesAgree checks that the program's go.mod and go.sum name none of the modules that only acceptance tests
// need, and that both modules require the same versions. With other versions the tests would test another program, and
// would compile all of it again.
func TestModulesAgree(t *testing.T) {
	t.Parallel()
	program, tests := requirements(t, filepath.Join("..", "..")), requirements(t, acceptance)
	for _, path := range append(testOnlyModules, module+"/cmd/readout/"+acceptance) {
		if _, found := program[path]; found {
			t.Errorf("the program's go.mod requires %s; only the module in %s may", path, acceptance)
		}
	}
	sums, err := os.ReadFile(filepath.Join("..", "..", "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range testOnlyModules {
		if _, found := tests[path]; !found {
			t.Errorf("the acceptance tests no longer need %s: delete it from testOnlyModules", path)
		}
		if strings.Contains("\n"+string(sums), "\n"+path+" ") {
			t.Errorf("the program's go.sum names %s", path)
		}
	}
	for path, version := range program {
		if other, found := tests[path]; found && other != version {
			t.Errorf("the program is built with %s %s, and the acceptance tests with %s", path, version, other)
		}
	}
}

// requirements returns the versions that the go.mod in dir requires, by module.
func requirements(t *testing.T, dir string) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod edit in %s: %v", dir, err)
	}
	var file struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range file.Require {
		versions[r.Path] = r.Version
	}
	return versions
}

// TestDomainDoesNoIO checks that the domain uses the network, databases and processes only through its interfaces.
func TestDomainDoesNoIO(t *testing.T) {
	t.Parallel()
	forbidden := []string{"database/sql", "net", "net/http", "os", "os/exec", "syscall"}
	for _, p := range listPackages(t) {
		if topFolder(p.ImportPath) != "liveblog" {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(forbidden, imported) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// TestOnlyTheDeskWrites checks that the packages that serve requests and readers take none of the interfaces that write
// blogs and entries. They write through liveblog.Desk.
func TestOnlyTheDeskWrites(t *testing.T) {
	t.Parallel()
	writingInterface := regexp.MustCompile(`\bliveblog\.(Log)?Store\b`)
	for _, p := range listPackages(t) {
		if !slices.Contains([]string{"handlers", "realtime", "views"}, topFolder(p.ImportPath)) {
			continue
		}
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if found := writingInterface.Find(source); found != nil {
				t.Errorf("%s uses %s; read with liveblog.ReadStore and write with liveblog.Desk", path, found)
			}
		}
	}
}

// TestClocksMeasureOnlyDurations checks which files read the machine's clock. All of them measure durations, set
// deadlines or keep something for a while in memory; a time that is kept or shown comes from liveblog.Clock. The test
// fails if another file reads the clock, or if a file of the list no longer does.
func TestClocksMeasureOnlyDurations(t *testing.T) {
	t.Parallel()
	want := []string{
		"handlers/connections.go", "handlers/desk/session.go", "handlers/desk/set_aside.go", "handlers/edge.go",
		"handlers/reader/live_takeover.go", "handlers/web/body.go", "handlers/web/logbudget.go", "handlers/web/rate.go",
		"store/clock.go", "store/store.go", // the clock itself
		"views/desk/desk.go", "views/reader/correction.go",
	}
	reads := regexp.MustCompile(`\btime\.Now\b`)
	var got []string
	for _, p := range listPackages(t) {
		switch top := topFolder(p.ImportPath); {
		case !slices.Contains([]string{"handlers", "liveblog", "store", "views"}, top):
			continue
		case strings.HasSuffix(p.ImportPath, "test"):
			continue // packages for tests
		}
		for _, name := range p.GoFiles {
			source, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if reads.Match(source) {
				got = append(got, path.Join(strings.TrimPrefix(p.ImportPath, "readout/"), name))
			}
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("these files read the machine's clock: %v\nwant %v", got, want)
	}
}

func TestTopLevelFolders(t *testing.T) {
	t.Parallel()
	allowed := append(slices.Collect(maps.Keys(mayImport)), "docs")
	ignored := []string{"bin", "node_modules"} // builds and browser tests make them; git ignores them
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || slices.Contains(ignored, e.Name()) {
			continue
		}
		if !slices.Contains(allowed, e.Name()) {
			t.Errorf("the design has no top-level folder %q, only %v", e.Name(), slices.Sorted(slices.Values(allowed)))
		}
	}
}

// listPackages returns the packages of the module.
func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Dir,GoFiles", module+"/...")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listedPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// topFolder returns the top-level folder of a package, or "" for a package outside the module.
func topFolder(importPath string) string {
	rest, inModule := strings.CutPrefix(importPath, module+"/")
	if !inModule {
		return ""
	}
	folder, _, _ := strings.Cut(rest, "/")
	return folder
}

// isStandard reports whether a package belongs to the standard library: the first part of its path has no dot.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}
