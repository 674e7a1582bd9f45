package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "readout"

// mayImport is who of the module's own packages may import whom; what is not here may import nobody of ours.
// Packages below one of these are bound by its row, unless they have one of their own.
var mayImport = map[string][]string{
	"assets":           {},
	"cmd":              {"handlers", "liveblog", "realtime", "store", "views", "views/markdown"},
	"handlers":         {"assets", "handlers/api", "handlers/desk", "handlers/partner", "handlers/reader", "handlers/web", "liveblog", "realtime", "views", "views/data", "views/reader", "views/talks"},
	"handlers/api":     {"handlers/web", "liveblog", "views", "views/data"},
	"handlers/desk":    {"handlers/web", "liveblog", "views", "views/desk", "views/markdown", "views/reader"},
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
	"views/reader":     {"assets", "liveblog", "views", "views/diff", "views/markdown", "views/talks", "views/words"},
	"views/talks":      {"liveblog", "views", "views/diff", "views/markdown", "views/words"},
	"views/words":      {},
}

// acceptance is the folder of the module that has the tests of the whole program.
const acceptance = "acceptance"

// heavy are modules that only acceptance tests need: whoever builds the program neither downloads nor trusts them.
var heavy = []string{"github.com/Shopify/toxiproxy/v2", "github.com/compose-spec/compose-go/v2", "github.com/moby/buildkit", "github.com/rs/zerolog"}

// listedPackage is what `go list -json` tells of a package. Imports are those of the program, without its tests.
type listedPackage struct {
	ImportPath string
	Imports    []string
	Dir        string
	GoFiles    []string // those of the program, without its tests
}

// TestImportsFollowTheDesign holds every arrow between packages, the rooms of handlers and views among them. It catches an
// import that the table does not name, a package below no row, and a row that nothing is left of.
func TestImportsFollowTheDesign(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range listPackages(t) {
		from := rowOf(p.ImportPath)
		if from == "" {
			t.Errorf("%s is below no folder that the design names", p.ImportPath)
			continue
		}
		used[from] = true
		for _, imported := range p.Imports {
			switch to := rowOf(imported); {
			case to == "" && from == "liveblog" && !isStandard(imported) && !strings.HasPrefix(imported, "golang.org/x/text/"):
				t.Errorf("%s imports %s; the domain imports only the standard library and golang.org/x/text",
					p.ImportPath, imported)
			case to == "" || to == from:
			case !slices.Contains(mayImport[from], to):
				t.Errorf("%s imports %s; of ours it may import only %v", p.ImportPath, imported, mayImport[from])
			default:
				used[from+" "+to] = true
			}
		}
	}
	for from, list := range mayImport {
		if !used[from] {
			t.Errorf("the design names %s, and there is no such package", from)
		}
		for _, to := range list {
			if !used[from+" "+to] {
				t.Errorf("the design lets %s import %s, and it does not: take it out of the table", from, to)
			}
		}
	}
}

// rowOf is the row of the table that a package is bound by, "" for none: the longest that its path begins with.
func rowOf(importPath string) (row string) {
	path, ours := strings.CutPrefix(importPath, module+"/")
	for folder := range mayImport {
		if ours && (path == folder || strings.HasPrefix(path, folder+"/")) && len(folder) > len(row) {
			row = folder
		}
	}
	return row
}

// TestProgramHasNoTestServers: packages that start servers for tests, which are called so, are for tests and for each other.
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

// TestModulesAgree: the program's module has none of what only acceptance tests need, and theirs has the versions that the
// program is built with. Where they differed, the tests would be of another program, and compile everything once more.
func TestModulesAgree(t *testing.T) {
	t.Parallel()
	program, tests := requirements(t, filepath.Join("..", "..")), requirements(t, acceptance)
	for _, path := range append(heavy, module+"/cmd/readout/"+acceptance) {
		if _, there := program[path]; there {
			t.Errorf("the program's go.mod requires %s; that is for the module in %s", path, acceptance)
		}
	}
	sums, err := os.ReadFile(filepath.Join("..", "..", "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range heavy {
		if _, there := tests[path]; !there {
			t.Errorf("the acceptance tests do not need %s any more: take it out of this list", path)
		}
		if strings.Contains("\n"+string(sums), "\n"+path+" ") {
			t.Errorf("the program's go.sum names %s", path)
		}
	}
	for path, version := range program {
		if other, there := tests[path]; there && other != version {
			t.Errorf("the program is built with %s %s, and the acceptance tests with %s", path, version, other)
		}
	}
}

// requirements returns the versions that the go.mod in a folder requires, by module.
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

// TestDomainKnowsNoOutside keeps the network, databases and processes out of the rules: they come through the
// interfaces.
func TestDomainKnowsNoOutside(t *testing.T) {
	t.Parallel()
	outside := []string{"database/sql", "net", "net/http", "os", "os/exec", "syscall"}
	for _, p := range listPackages(t) {
		if topFolder(p.ImportPath) != "liveblog" {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(outside, imported) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// TestOnlyTheDeskWrites keeps the interfaces that write blogs and entries from whoever serves requests and readers: they have
// the desk. It is red where one of them takes a whole store.
func TestOnlyTheDeskWrites(t *testing.T) {
	t.Parallel()
	writes := regexp.MustCompile(`\bliveblog\.(Log)?Store\b`)
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
			if found := writes.Find(source); found != nil {
				t.Errorf("%s takes a %s; liveblog.ReadStore reads, and the desk writes", path, found)
			}
		}
	}
}

func TestTopLevelFolders(t *testing.T) {
	t.Parallel()
	allowed := append(slices.Collect(maps.Keys(mayImport)), "docs")
	made := []string{"bin", "node_modules"} // by builds and browser tests; git knows them not
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || slices.Contains(made, e.Name()) {
			continue
		}
		if !slices.Contains(allowed, e.Name()) {
			t.Errorf("the design has no top-level folder %q; it has %v", e.Name(), slices.Sorted(slices.Values(allowed)))
		}
	}
}

// listPackages returns the packages of the module, as the go command sees them.
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

// topFolder returns the folder below the module's root that a package is in, and "" for packages of others.
func topFolder(importPath string) string {
	rest, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return ""
	}
	folder, _, _ := strings.Cut(rest, "/")
	return folder
}

// isStandard tells a package of the standard library from others: the first part of its path is no host's name.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}
