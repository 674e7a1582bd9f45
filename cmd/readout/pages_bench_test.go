package main

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

	"readout/liveblog"
)

// BenchmarkPages asks a node for the pages of a blog of 5,000 entries and of one of 50, in turn, and gives the 95th percentile
// of each in milliseconds and their ratio. Every page is asked for anew: a post to each blog before makes the kept one old.
func BenchmarkPages(b *testing.B) {
	n, err := newNode(b.Context(), settings{listen: "127.0.0.1:0", database: "sqlite:" + filepath.Join(b.TempDir(), "readout.db"),
		log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	served := make(chan error, 1)
	go func() { served <- n.serve(ctx) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
	}()
	editor := liveblog.Actor{ID: "u_bench", Name: "Ana Ruiz", Role: liveblog.Editor}
	sizes := map[string]int{"long": 5000, "short": 50}
	post := func(slug string, i int) {
		in := liveblog.EntryInput{Headline: fmt.Sprintf("Update %d", i), Body: strings.Repeat("The tariff talks go on in Seoul. ", 12), KeyEvent: i%25 == 0}
		if _, _, err := n.desk.Post(b.Context(), editor, slug, in, nil); err != nil {
			b.Fatal(err)
		}
	}
	for slug, size := range sizes {
		if _, err := n.desk.CreateBlog(b.Context(), editor, liveblog.NewBlog{Slug: slug, Title: "The summit", Status: liveblog.Live}); err != nil {
			b.Fatal(err)
		}
		for i := range size {
			post(slug, i)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for name, path := range map[string]string{"first": "", "before": "?before=%d", "around": "?around=%d", "entry": "/%d", "oldest": "?order=oldest",
		"events": "?by=key-events", "search": "/search?q=tariff"} {
		b.Run(name, func(b *testing.B) {
			took := map[string][]float64{}
			for range b.N {
				for slug, size := range sizes {
					post(slug, size)
					path := path
					if strings.Contains(path, "%d") {
						path = fmt.Sprintf(path, 1+random.IntN(size))
					}
					start := time.Now()
					res, err := http.Get(n.baseURL + "/live/" + slug + path)
					if err != nil {
						b.Fatal(err)
					}
					_, err = io.Copy(io.Discard, res.Body)
					res.Body.Close()
					if err != nil || res.StatusCode != http.StatusOK {
						b.Fatal(res.Status, err)
					}
					took[slug] = append(took[slug], float64(time.Since(start).Microseconds())/1000)
				}
			}
			p95 := func(all []float64) float64 {
				slices.Sort(all)
				return all[len(all)*95/100]
			}
			long, short := p95(took["long"]), p95(took["short"])
			b.ReportMetric(long, "p95-ms-of-5000")
			b.ReportMetric(short, "p95-ms-of-50")
			b.ReportMetric(long/short, "ratio")
		})
	}
}
