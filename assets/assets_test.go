package assets_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"readout/assets"

	"github.com/andybalholm/brotli"
)

func TestURLsResolve(t *testing.T) {
	t.Parallel()
	fingerprinted := regexp.MustCompile(`^/assets/[a-z]+\.[0-9a-f]{10}\.[a-z]+$`)
	for name, contentType := range map[string]string{
		"reader.js":  "text/javascript; charset=utf-8",
		"embed.js":   "text/javascript; charset=utf-8",
		"reader.css": "text/css; charset=utf-8",
		"icon.svg":   "image/svg+xml; charset=utf-8",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := assets.URL(name)
			if !fingerprinted.MatchString(url) {
				t.Errorf("URL(%q) = %q, want a fingerprint of 10 hexadecimal digits", name, url)
			}
			f, ok := assets.Lookup(strings.TrimPrefix(url, "/assets/"))
			if !ok {
				t.Fatalf("Lookup does not find %q", url)
			}
			if f.ContentType != contentType {
				t.Errorf("content type %q, want %q", f.ContentType, contentType)
			}
			if !regexp.MustCompile(`^"[0-9a-f]{10}"$`).MatchString(f.ETag) ||
				!strings.Contains(url, strings.Trim(f.ETag, `"`)) {
				t.Errorf("ETag %s does not carry the fingerprint of %s", f.ETag, url)
			}
			plain, ok := assets.Plain(name)
			if !ok || !bytes.Equal(plain.Body, f.Body) {
				t.Errorf("Plain(%q) is another file", name)
			}
		})
	}
}

func TestNamesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "reader.js", "reader.0000000000.js", "../assets.go", "dist/reader.js"} {
		if _, ok := assets.Lookup(name); ok {
			t.Errorf("Lookup(%q) finds a file", name)
		}
	}
	for _, name := range []string{"", "absent.js", "../assets.go"} {
		if _, ok := assets.Plain(name); ok {
			t.Errorf("Plain(%q) finds a file", name)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("URL of an absent file does not panic")
		}
	}()
	assets.URL("absent.js")
}

func TestCompressedFormsHoldTheSame(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"reader.js", "embed.js", "reader.css", "icon.svg"} {
		f, ok := assets.Plain(name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		if f.Gzip != nil {
			z, err := gzip.NewReader(bytes.NewReader(f.Gzip))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, f.Body) {
				t.Errorf("%s: gzip holds something else (%v)", name, err)
			}
		}
		if f.Brotli != nil {
			got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(f.Brotli)))
			if err != nil || !bytes.Equal(got, f.Body) {
				t.Errorf("%s: brotli holds something else (%v)", name, err)
			}
		}
		for form, b := range map[string][]byte{"gzip": f.Gzip, "brotli": f.Brotli} {
			if b != nil && len(b) > len(f.Body)*9/10 {
				t.Errorf("%s: %s takes %d of %d bytes, which does not pay", name, form, len(b), len(f.Body))
			}
		}
	}
	if f, _ := assets.Plain("reader.js"); f.Gzip == nil || f.Brotli == nil {
		t.Error("reader.js is not compressed")
	}
}

// The script and the style of the readers' pages are what every phone at the event has to fetch.
func TestWhatReadersFetchIsSmall(t *testing.T) {
	t.Parallel()
	const limit = 12 << 10
	for _, names := range [][]string{{"reader.js"}, {"reader.css", "talks.css"}} {
		gzip, brotli := 0, 0
		for _, name := range names {
			f, ok := assets.Plain(name)
			if !ok || len(f.Gzip) == 0 || len(f.Brotli) == 0 {
				t.Fatalf("%s is not there, or not compressed", name)
			}
			gzip += len(f.Gzip)
			brotli += len(f.Brotli)
		}
		t.Logf("%v: %d bytes as gzip, %d as brotli", names, gzip, brotli)
		if gzip >= limit || brotli >= limit {
			t.Errorf("%v take %d bytes as gzip and %d as brotli, limit %d", names, gzip, brotli, limit)
		}
	}
}

// It fails if the desk's script grows beyond what an editor on a phone should have to load: 40 KB compressed.
func TestWeightOfTheDesksScript(t *testing.T) {
	t.Parallel()
	f, ok := assets.Plain("desk.js")
	if !ok || f.Brotli == nil {
		t.Fatal("there is no compressed desk.js")
	}
	if n := len(f.Brotli); n > 40_000 {
		t.Errorf("desk.js has %d bytes compressed", n)
	}
}
