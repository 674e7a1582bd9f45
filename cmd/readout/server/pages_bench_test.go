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

// pageAddresses are what readers ask a blog for; %d is the number of an entry, any one of the blog's.
var pageAddresses = []struct{ name, path string }{
	{"first", ""}, {"before", "?before=%d"}, {"after", "?after=%d"}, {"around", "?around=%d"}, {"entry", "/%d"},
	{"oldest", "?order=oldest"}, {"key-events", "?by=key-events"}, {"author", "?author=Ana+Ruiz"},
	{"search", "/search?q=tariff"}, {"search-rare", "/search?q=update+%d"}, {"corrections", "/corrections"},
}

// BenchmarkPages asks one node on each database for the pages of a blog of 5,000 entries, 300 of which state something, and of one of 50, with
// as much stated in each hundred, in turn and over HTTP. It gives the times in milliseconds that half and 95 of 100 answers took
// at most, of the long blog and of the short one, and the ratios of these.
//
//   - cold: each page is asked for the first time after an edit of its blog's newest entry.
//   - warm: the same page is asked for once more.
//   - stated: the first page is asked for after an edit of what the newest entry states.
//   - mixed: pages of all kinds, any one of them, of blogs that rest. The short blog has few, so that most are kept already.
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
				acts := liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActPosition, Track: "tariffs", Party: "us", Text: *p.text("Demands")}})
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
	last   map[string]int // the newest entry of each blog
	edits  map[string]int // of that entry
}

const longBlog, shortBlog = "long", "short"

func newPages(b *testing.B, database string) *pages {
	b.Helper()
	n, err := server.Open(b.Context(), server.Settings{Listen: "127.0.0.1:0", Database: database, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx) }()
	p := &pages{node: n, client: &http.Client{Transport: &http.Transport{}}, random: rand.New(rand.NewPCG(1, 2)),
		last: map[string]int{longBlog: 5000, shortBlog: 50}, edits: map[string]int{}}
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

// fill gives a blog its entries, one each two minutes until now. Those of the long one took a week, whose every hour its page
// leads to.
func (p *pages) fill(b *testing.B, slug string, size int) {
	b.Helper()
	if _, err := p.node.Desk.CreateBlog(b.Context(), benchEditor, liveblog.NewBlog{Slug: slug, Title: "The summit", Status: liveblog.Live}); err != nil {
		b.Fatal(err)
	}
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: "Rare earths"}},
		Parties: []liveblog.Party{{ID: "china", Name: "China"}, {ID: "us", Name: "United States"}}}
	if _, err := p.node.Desk.UpdateSetup(b.Context(), benchEditor, slug, setup); err != nil {
		b.Fatal(err)
	}
	const pace = 2 * time.Minute
	began := time.Now().Add(-time.Duration(size) * pace)
	for i := range size {
		at := began.Add(time.Duration(i) * pace)
		e := liveblog.Entry{Headline: fmt.Sprintf("Update %d", i), Body: benchBody, Author: benchEditor.Name, KeyEvent: i%4 == 0,
			Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		if i%16 == 0 {
			e.Acts = liveblog.NewActs([]liveblog.Act{
				{Kind: liveblog.ActClaim, Claim: fmt.Sprintf("claim-%d", i), Status: "reported", Text: "They buy more beans."},
				{Kind: liveblog.ActPosition, Track: setup.Tracks[i/16%2].ID, Party: setup.Parties[i/32%2].ID, Text: "More has to come."}})
		}
		if _, err := p.node.Store.Commit(b.Context(), liveblog.Commit{Slug: slug, Entry: e, Audit: liveblog.Audit{At: at}}); err != nil {
			b.Fatal(err)
		}
	}
}

var benchBody = strings.Repeat("The **tariff** talks go on in Seoul, [it is said](https://news.example/). ", 8)

// edit changes the newest entry, so that no page of its blog is current any more, and the blog is as long as it was.
func (p *pages) edit(b *testing.B, slug string, patch liveblog.EntryPatch) {
	b.Helper()
	p.edits[slug]++
	if _, err := p.node.Desk.Edit(b.Context(), benchEditor, slug, p.last[slug], patch, p.edits[slug]); err != nil {
		b.Fatal(err)
	}
}

// text is another one each time.
func (p *pages) text(beginning string) *string {
	text := fmt.Sprint(beginning, " ", p.random.Int64())
	return &text
}

// inTurn does something for both blogs, in whatever order.
func (p *pages) inTurn(do func(slug string)) {
	slugs := []string{longBlog, shortBlog}
	if p.random.IntN(2) == 0 {
		slices.Reverse(slugs)
	}
	for _, slug := range slugs {
		do(slug)
	}
}

func (p *pages) path(slug, form string) string {
	if strings.Contains(form, "%d") {
		return fmt.Sprintf(form, 1+p.random.IntN(p.last[slug]))
	}
	return form
}

// get asks for a page as browsers do and returns how long its last byte took.
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

// times are how long answers took, by blog.
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
