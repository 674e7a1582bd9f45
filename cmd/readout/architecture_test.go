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
	"slices"
	"strings"
	"testing"
)

const module = "readout"

// mayImport is who of the module's own packages may import whom; what is not here may import nobody of ours.
// Packages below one of these are bound by its row.
var mayImport = map[string][]string{
	"assets":   {},
	"cmd":      {"assets", "handlers", "liveblog", "realtime", "store", "views"},
	"handlers": {"assets", "liveblog", "realtime", "views"},
	"liveblog": {},
	"realtime": {"liveblog"},
	"store":    {"liveblog"},
	"views":    {"assets", "liveblog"},
}

// listedPackage is what `go list -json` tells of a package. Imports are those of the program, without its tests.
type listedPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsFollowTheDesign(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		from := topFolder(p.ImportPath)
		allowed, known := mayImport[from]
		if !known {
			t.Errorf("%s is below no folder that the design names", p.ImportPath)
			continue
		}
		seen[from] = true
		for _, imported := range p.Imports {
			switch to := topFolder(imported); {
			case to == "" && from == "liveblog" && !isStandard(imported):
				t.Errorf("%s imports %s; the domain stands on the standard library alone", p.ImportPath, imported)
			case to != "" && to != from && !slices.Contains(allowed, to):
				t.Errorf("%s imports %s; it may import %v alone of ours", p.ImportPath, imported, allowed)
			}
		}
	}
	for folder := range mayImport {
		if !seen[folder] {
			t.Errorf("the design names %s, and there is no such package", folder)
		}
	}
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
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...")
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
