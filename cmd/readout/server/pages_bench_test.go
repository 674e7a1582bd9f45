package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/store/postgrestest"
)

// pageAddresses are the pages of a blog that readers request. %d stands for the number of any of its entries.
var pageAddresses = []struct{ name, path string }{
	{"first", ""}, {"before", "?before=%d"}, {"after", "?after=%d"}, {"around", "?around=%d"}, {"entry", "/%d"},
	{"oldest", "?order=oldest"}, {"key-events", "?by=key-events"}, {"author", "?author=Ana+Ruiz"},
	{"search", "/search?q=tariff"}, {"search-rare", "/search?q=update+%d"}, {"corrections", "/corrections"},
}

// BenchmarkPages requests, over HTTP and in turn, pages of a long blog with 5,000 entries and of a short one with 50.
// One entry in sixteen has acts. It reports the 50th and 95th percentiles of the response times of each blog in
// milliseconds, and the ratio of the long blog's to the short blog's, on SQLite and on PostgreSQL:
//
//   - cold: the first request for a page after an edit of its blog's newest entry
//   - warm: a second request for the same page
//   - stated: a request for the first page after an edit of the newest entry's acts
//   - mixed: requests for random pages of blogs that do not change; the cache soon holds most pages of the short blog
func BenchmarkPages(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		newPages(b, "sqlite:"+filepath.Join(b.TempDir(), "readout.db")).bench(b)
	})
	b.Run("postgres", func(b *testing.B) {
		newPages(b, postgrestest.Start(b).NewDatabase(b)).bench(b)
	})
}

func (p *pages) bench(b *testing.B) {
	for _, a := range pageAddresses {
		b.Run(a.name, func(b *testing.B) {
			cold, warm := newTimes(), newTimes()
			for range b.N {
				p.inTurn(func(slug string) {
					p.edit(b, slug, liveblog.EntryPatch{Headline: p.text("News")})
					path := p.path(slug, a.path)
					cold.add(slug, p.get(b, slug, path))
					warm.add(slug, p.get(b, slug, path))
				})
			}
			cold.report(b, "cold")
			warm.report(b, "warm")
		})
	}
	b.Run("stated", func(b *testing.B) {
		took := newTimes()
		for range b.N {
			p.inTurn(func(slug string) {
				acts := liveblog.NewActs([]liveblog.Act{
					{Kind: liveblog.ActPosition, Track: "tariffs", Party: "us", Text: *p.text("Demands")},
				})
				p.edit(b, slug, liveblog.EntryPatch{Acts: &acts})
				took.add(slug, p.get(b, slug, ""))
			})
		}
		took.report(b, "stated")
	})
	b.Run("mixed", func(b *testing.B) {
		took := newTimes()
		for range b.N {
			a := pageAddresses[p.random.IntN(len(pageAddresses))]
			p.inTurn(func(slug string) { took.add(slug, p.get(b, slug, p.path(slug, a.path))) })
		}
		took.report(b, "mixed")
	})
}

// pages is a node with the two blogs.
type pages struct {
	node   *server.Node
	client *http.Client
	random *rand.Rand
	last   map[string]int // the number of the newest entry, by blog
	edits  map[string]int // how often that entry was edited, by blog
}

// The slugs of the two blogs.
const longBlog, shortBlog = "long", "short"

func newPages(b *testing.B, database string) *pages {
	b.Helper()
	n, err := server.Open(b.Context(), server.Settings{
		Listen: "127.0.0.1:0", Database: database, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx) }()
	p := &pages{
		node:   n,
		client: &http.Client{Transport: &http.Transport{}},
		random: rand.New(rand.NewPCG(1, 2)),
		last:   map[string]int{longBlog: 5000, shortBlog: 50},
		edits:  map[string]int{},
	}
	b.Cleanup(func() {
		p.client.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
	})
	for slug, size := range p.last {
		p.fill(b, slug, size)
	}
	return p
}

var benchEditor = liveblog.Actor{ID: "u_bench", Name: "Ana Ruiz", Role: liveblog.Editor}

// fill creates a blog with size entries, one every two minutes until now. Those of the long blog span a week, and its
// page links to every hour of it.
func (p *pages) fill(b *testing.B, slug string, size int) {
	b.Helper()
	blog := liveblog.NewBlog{Slug: slug, Title: "The summit", Status: liveblog.Live}
	if _, err := p.node.Desk.CreateBlog(b.Context(), benchEditor, blog); err != nil {
		b.Fatal(err)
	}
	setup := liveblog.Setup{
		Tracks:  []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: "Rare earths"}},
		Parties: []liveblog.Party{{ID: "china", Name: "China"}, {ID: "us", Name: "United States"}},
	}
	if _, err := p.node.Desk.UpdateSetup(b.Context(), benchEditor, slug, setup); err != nil {
		b.Fatal(err)
	}
	const pace = 2 * time.Minute
	began := time.Now().Add(-time.Duration(size) * pace)
	for i := range size {
		at := began.Add(time.Duration(i) * pace)
		e := liveblog.Entry{
			Headline: fmt.Sprintf("Update %d", i), Body: benchBody, Author: benchEditor.Name, KeyEvent: i%4 == 0,
			Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at,
		}
		if i%16 == 0 {
			track, party, claim := setup.Tracks[i/16%2].ID, setup.Parties[i/32%2].ID, fmt.Sprintf("claim-%d", i)
			e.Acts = liveblog.NewActs([]liveblog.Act{
				{Kind: liveblog.ActClaim, Claim: claim, Status: "reported", Text: "They buy more beans."},
				{Kind: liveblog.ActPosition, Track: track, Party: party, Text: "More has to come."},
			})
		}
		commit := liveblog.Commit{Slug: slug, Entry: e, Audit: liveblog.Audit{At: at}}
		if _, err := p.node.Store.Commit(b.Context(), commit); err != nil {
			b.Fatal(err)
		}
	}
}

var benchBody = strings.Repeat("The **tariff** talks go on in Seoul, [it is said](https://news.example/). ", 8)

// edit edits the newest entry, so that no cached page of its blog is current. The blog keeps its length.
func (p *pages) edit(b *testing.B, slug string, patch liveblog.EntryPatch) {
	b.Helper()
	p.edits[slug]++
	if _, err := p.node.Desk.Edit(b.Context(), benchEditor, slug, p.last[slug], patch, p.edits[slug]); err != nil {
		b.Fatal(err)
	}
}

// text returns a new text with the prefix.
func (p *pages) text(prefix string) *string {
	text := fmt.Sprint(prefix, " ", p.random.Int64())
	return &text
}

// inTurn calls do for both blogs, in random order.
func (p *pages) inTurn(do func(slug string)) {
	slugs := []string{longBlog, shortBlog}
	if p.random.IntN(2) == 0 {
		slices.Reverse(slugs)
	}
	for _, slug := range slugs {
		do(slug)
	}
}

// path returns one of pageAddresses with a random number for its %d.
func (p *pages) path(slug, format string) string {
	if strings.Contains(format, "%d") {
		return fmt.Sprintf(format, 1+p.random.IntN(p.last[slug]))
	}
	return format
}

// get requests a page, accepting a compressed one as browsers do, and returns the time until its last byte.
func (p *pages) get(b *testing.B, slug, path string) time.Duration {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, p.node.BaseURL+"/live/"+slug+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip, deflate, br")
	began := time.Now()
	res, err := p.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		b.Fatal(path, res.Status, err)
	}
	return time.Since(began)
}

// times has the response times, by blog.
type times map[string][]time.Duration

func newTimes() times { return times{} }

func (t times) add(slug string, took time.Duration) { t[slug] = append(t[slug], took) }

func (t times) report(b *testing.B, name string) {
	b.Helper()
	for _, percent := range []int{50, 95} {
		at := func(slug string) float64 {
			slices.Sort(t[slug])
			return float64(t[slug][len(t[slug])*percent/100].Microseconds()) / 1000
		}
		long, short := at(longBlog), at(shortBlog)
		b.ReportMetric(long, fmt.Sprintf("%s-p%d-ms-of-5000", name, percent))
		b.ReportMetric(short, fmt.Sprintf("%s-p%d-ms-of-50", name, percent))
		b.ReportMetric(long/short, fmt.Sprintf("%s-p%d-ratio", name, percent))
	}
}
