// Package upgrade_test tests pages while nodes of two versions of the program serve them, as in a rolling upgrade.
package upgrade_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/program"
	"readout/store"
)

var binaries program.Binaries

// run is the run of a package's tests.
type run func() int

func (r run) Run() int { return r() }

var twoBuilds = flag.Bool("two-builds", false, "build the program a second time, with other assets, and run the tests")

// TestMain runs the tests only with -two-builds, since the second build takes a minute. TestPagesOfOtherVersionsAreLive
// always tests the same with names of assets that are made up.
func TestMain(m *testing.M) {
	flag.Parse()
	if !*twoBuilds {
		return
	}
	os.Exit(binaries.Around(run(func() int { return browser.Main(m) })))
}

// balancer is a proxy in front of two nodes. It sends requests for assets to one of them and all others to the other
// one.
type balancer struct {
	*httptest.Server
	pages, assets atomic.Pointer[httputil.ReverseProxy]
}

func newBalancer(t *testing.T) *balancer {
	t.Helper()
	b := &balancer{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			b.assets.Load().ServeHTTP(w, r)
		} else {
			b.pages.Load().ServeHTTP(w, r)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

// node starts a node with the blog "summit", and returns a proxy for it.
func node(t *testing.T, start func(testing.TB, ...string) *program.Process) *httputil.ReverseProxy {
	t.Helper()
	database := "sqlite:" + filepath.Join(t.TempDir(), "readout.db")
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	program.Prepare(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	p := start(t, "serve", "--listen", "127.0.0.1:0", "--database", database)
	target, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return httputil.NewSingleHostReverseProxy(target)
}

// marks are where an asset of the other version shows.
const marks = `(({ dataset }, style) => [
	document.querySelector('script[src]') && (dataset.version ?? 'this'),
	document.querySelector('link[rel=stylesheet]') && (style.getPropertyValue('--version').trim() || 'this'),
].join())(document.documentElement, getComputedStyle(document.documentElement))`

// TestPagesOfOneVersionWithAssetsOfAnother opens pages of one version whose assets another version is asked for, in the
// order of an upgrade and of going back. It fails if a node refuses the names of another version's assets, or if a
// browser keeps what it got under such a name after the upgrade.
func TestPagesOfOneVersionWithAssetsOfAnother(t *testing.T) {
	t.Parallel()
	nodes := map[string]*httputil.ReverseProxy{
		"this": node(t, binaries.Start), "other": node(t, binaries.StartOther),
	}
	for pages, other := range map[string]string{"this": "other", "other": "this"} {
		t.Run("pages of "+pages, func(t *testing.T) {
			t.Parallel()
			b := newBalancer(t)
			b.pages.Store(nodes[pages])
			p := browser.Blank(t)
			// First from the other version, then the upgrade ends and each page gets its own.
			for _, assets := range []string{other, pages} {
				b.assets.Store(nodes[assets])
				for _, path := range []string{"/live/summit", "/live/summit/board", "/login"} {
					p.GoTo(b.URL + path)
					if strings.HasPrefix(path, "/live") {
						p.Live()
					}
					if got, want := browser.Get[string](p, marks), assets+","+assets; got != want {
						t.Errorf("%s has a script and a style of the versions %s, want %s", path, got, want)
					}
					if got := browser.Get[string](p, `getComputedStyle(document.body).marginTop`); got != "0px" {
						t.Errorf("%s has no style: its margin is %s", path, got)
					}
				}
			}
		})
	}
}
