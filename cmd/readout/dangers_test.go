package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dangerous are packages that can run code or commands, read formats that do more than carry data, or use cryptography
// that is broken or easy to use wrongly, and those of our packages that may import each.
var dangerous = map[string][]string{
	"C": nil, "os/exec": nil, "plugin": nil, "unsafe": nil, // commands and foreign code
	"html/template": nil, "text/template": nil, // templates that are read while the program runs
	"encoding/gob": nil, "net/rpc": nil, "net/smtp": nil,
	"encoding/xml": {"readout/views/feed"}, // writes only, see below
	"crypto/md5":   nil, "crypto/sha1": nil, "crypto/des": nil, "crypto/rc4": nil,
	"crypto/aes": nil, "crypto/cipher": nil, "crypto/hmac": nil, "crypto/rsa": nil, "crypto/ecdsa": nil,
	"crypto/tls": {"readout/realtime"}, "math/rand": nil,
	"math/rand/v2": {"readout/realtime"}, // spreads retries in time
}

// TestDangerousPackages fails if a package of the program imports one of these, or no longer needs its exception.
func TestDangerousPackages(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range programPackages(t) {
		for _, imported := range p.Imports {
			allowed, listed := dangerous[imported]
			if used[p.ImportPath+" "+imported] = true; listed && !slices.Contains(allowed, p.ImportPath) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
	for imported, packages := range dangerous {
		for _, p := range packages {
			if !used[p+" "+imported] {
				t.Errorf("%s no longer imports %s: delete the exception", p, imported)
			}
		}
	}
}

// TestProgramSendsNoRequests fails if the server sends HTTP requests, which an address that somebody has written could
// direct at the network behind it, or if it reads XML. Only the command that asks a node's health is a client.
func TestProgramSendsNoRequests(t *testing.T) {
	t.Parallel()
	clients := regexp.MustCompile(`\b(?:http\.(?:Get|Post|PostForm|Head|NewRequest\w*|Client|DefaultClient|Transport)` +
		`|fasthttp\.(?:Get|Post|Do|Client|HostClient)|fiber\.(?:AcquireClient|AcquireAgent|Get|Post|Client)` +
		`|xml\.(?:Unmarshal|NewDecoder|NewTokenDecoder))\b`)
	if !clients.MatchString("http.NewRequestWithContext(") || !clients.MatchString("xml.NewDecoder(") {
		t.Fatal("the pattern finds nothing")
	}
	var found []string
	for _, p := range programPackages(t) {
		for _, name := range p.GoFiles {
			source, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if clients.Match(source) {
				found = append(found, p.ImportPath+"/"+name)
			}
		}
	}
	if want := []string{"readout/cmd/readout/health.go"}; !slices.Equal(found, want) {
		t.Errorf("these files send requests or read XML: %v, want %v", found, want)
	}
}

// programPackages returns the packages of the module without those for tests.
func programPackages(t *testing.T) []listedPackage {
	t.Helper()
	forTests := func(p listedPackage) bool { return strings.HasSuffix(p.ImportPath, "test") }
	return slices.DeleteFunc(listPackages(t), forTests)
}
