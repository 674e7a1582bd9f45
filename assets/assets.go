// Package assets holds the site's CSS, JavaScript and icons: embedded, fingerprinted, compressed once.
//
// The sources are in src. Every file at its top level is an entry: it is bundled with what it imports, minified and
// written to dist under the same name, with its compressed forms beside it. The files in dist are committed, so that
// building needs only Go.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:generate go run ./bundle

//go:embed dist
var dist embed.FS

// File is one asset, ready to be sent.
type File struct {
	ContentType string
	ETag        string // quoted
	Body        []byte
	Gzip        []byte // nil where compression does not pay
	Brotli      []byte // nil where compression does not pay
}

// URL returns the fingerprinted path of an asset by its plain name, e.g. "/assets/reader.3f9a1c2e01.js" for
// "reader.js". It panics for a name that does not exist: a fault of ours that every test meets.
func URL(name string) string {
	fingerprinted, ok := load().fingerprinted[name]
	if !ok {
		panic(fmt.Sprintf("assets: no file %q", name))
	}
	return "/assets/" + fingerprinted
}

// Lookup finds the file of a fingerprinted name, the part of the path after "/assets/".
func Lookup(name string) (File, bool) {
	s := load()
	plain, ok := s.plain[name]
	return s.files[plain], ok
}

// Current finds the present file for a fingerprinted name of any version of this program, older or newer, whose
// fingerprints may be of another length. A fingerprint of zeros only is none.
func Current(name string) (File, bool) {
	rest, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	sum := strings.TrimPrefix(path.Ext(rest), ".")
	if len(sum) < 8 || strings.Trim(sum, "0123456789abcdef") != "" || strings.Trim(sum, "0") == "" {
		return File{}, false
	}
	return Plain(strings.TrimSuffix(rest, path.Ext(rest)) + ext)
}

// Plain finds a file by its plain name, for the paths that partners hold and that never change (/embed.js).
func Plain(name string) (File, bool) {
	f, ok := load().files[name]
	return f, ok
}

// set is all files by their plain names, and the way between both kinds of name.
type set struct {
	files         map[string]File
	fingerprinted map[string]string
	plain         map[string]string
}

var load = sync.OnceValue(func() set {
	s := set{files: map[string]File{}, fingerprinted: map[string]string{}, plain: map[string]string{}}
	entries, err := fs.ReadDir(dist, "dist")
	if err != nil {
		panic(err) // the directory is embedded
	}
	for _, entry := range entries {
		name := entry.Name()
		ext := path.Ext(name)
		if ext == gzipExt || ext == brotliExt {
			continue // a form of another file
		}
		body := embedded(name)
		sum := hex.EncodeToString(sha256Sum(body))[:fingerprintDigits]
		fingerprinted := strings.TrimSuffix(name, ext) + "." + sum + ext
		s.files[name] = File{
			ContentType: contentType(ext),
			ETag:        `"` + sum + `"`,
			Body:        body,
			Gzip:        embedded(name + gzipExt),
			Brotli:      embedded(name + brotliExt),
		}
		s.fingerprinted[name] = fingerprinted
		s.plain[fingerprinted] = name
	}
	return s
})

const fingerprintDigits = 10

// What stands after the name of a file's compressed forms.
const (
	gzipExt   = ".gz"
	brotliExt = ".br"
)

// embedded returns a file of dist, or nil where there is none.
func embedded(name string) []byte {
	b, err := fs.ReadFile(dist, path.Join("dist", name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
	return b
}

func sha256Sum(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// contentType does not ask the mime package, whose answers differ between machines.
func contentType(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml; charset=utf-8"
	case ".png":
		return "image/png"
	}
	panic(fmt.Sprintf("assets: no content type for %q", ext))
}
