package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/liveblog"
)

// clusterWriter posts, edits and removes at random with the API of one node, or of another if that fails. It repeats
// each request until it has an answer, a post with the same idempotency key.
type clusterWriter struct {
	name    string
	slug    string
	token   string
	urls    []string // of the nodes; the first is preferred
	random  *rand.Rand
	filler  int // bytes of filler in the text of each entry
	timeout time.Duration
	client  *http.Client

	numbers []int // of the entries that it has posted and not removed
}

// clusterWrites records what all writers of a history have done.
type clusterWrites struct {
	count  atomic.Int64 // writes that were acknowledged
	failed atomic.Int64 // attempts without an answer or with a 5xx

	mu     sync.Mutex     // guards posted
	posted map[string]int // the numbers of the posted entries, by their headlines
}

// write makes n writes, with short pauses.
func (w *clusterWriter) write(ctx context.Context, n int, all *clusterWrites) error {
	for i := range n {
		words := fmt.Sprintf("%s-%d-%d", w.name, i, w.random.Uint32())
		if err := w.writeOne(ctx, words, all); err != nil {
			return fmt.Errorf("writer %s, write %d: %w", w.name, i, err)
		}
		all.count.Add(1)
		program.Pause(ctx, time.Duration(w.random.Int64N(int64(60*time.Millisecond))))
	}
	return ctx.Err()
}

// writeOne makes one random write. Posts and edits have the words as the headline, and at the beginning of the text.
func (w *clusterWriter) writeOne(ctx context.Context, words string, all *clusterWrites) error {
	filler := strings.Repeat("A long day of talks. ", w.filler/21)
	entry := map[string]any{"headline": words, "body": words + "\n\n" + filler}
	entries := "/api/v1/blogs/" + w.slug + "/entries"
	pick := func() (index int, path string) {
		index = w.random.IntN(len(w.numbers))
		return index, fmt.Sprintf("%s/%d", entries, w.numbers[index])
	}
	switch kind := w.random.IntN(10); {
	case kind < 5 || len(w.numbers) == 0:
		entry["key_event"] = kind == 0
		var answer struct{ Number int }
		if err := w.do(ctx, all, "POST", entries, entry, words, &answer, http.StatusCreated); err != nil {
			return err
		}
		w.numbers = append(w.numbers, answer.Number)
		all.mu.Lock()
		all.posted[words] = answer.Number
		all.mu.Unlock()
		return nil
	case kind < 8:
		_, path := pick()
		return w.do(ctx, all, "PATCH", path, entry, "", nil, http.StatusOK)
	case kind < 9:
		i, path := pick()
		w.numbers = append(w.numbers[:i], w.numbers[i+1:]...)
		// A repeated request finds that the entry has been removed: a conflict.
		return w.do(ctx, all, "DELETE", path, nil, "", nil, http.StatusNoContent, http.StatusConflict)
	default:
		title := map[string]any{"title": words}
		return w.do(ctx, all, "PATCH", "/api/v1/blogs/"+w.slug, title, "", nil, http.StatusOK)
	}
}

// do repeats a request until the answer has one of the statuses, and decodes that answer into into, unless it is nil.
func (w *clusterWriter) do(
	ctx context.Context, all *clusterWrites, method, path string, body any, key string, into any, statuses ...int,
) error {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return err
		}
	}
	var last string
	for try := 0; ctx.Err() == nil; try++ {
		status, _, answer, err := w.attempt(ctx, w.urls[(try+1)/2%len(w.urls)], method, path, sent, key)
		for _, want := range statuses {
			if err == nil && status == want {
				if into == nil {
					return nil
				}
				return json.Unmarshal(answer, into)
			}
		}
		if err == nil && status < 500 {
			return fmt.Errorf("the answer to %s %s is %d: %s", method, path, status, answer)
		}
		all.failed.Add(1)
		last = fmt.Sprint(status, " ", string(answer), " ", err)
		program.Pause(ctx, 100*time.Millisecond)
	}
	return fmt.Errorf("%s %s: %w; the last answer was %s", method, path, ctx.Err(), last)
}

// attempt makes a request once.
func (w *clusterWriter) attempt(
	ctx context.Context, url, method, path string, body []byte, key string,
) (status int, header http.Header, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := w.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, b, err
}

// check checks in the store that every acknowledged post made one entry, whose first revision has the posted words, and
// that there are no other entries.
func (all *clusterWrites) check(t *testing.T, c *cluster) {
	t.Helper()
	all.mu.Lock()
	defer all.mu.Unlock()
	seen := map[int]string{}
	for words, number := range all.posted {
		if other, twice := seen[number]; twice {
			t.Errorf("the posts %s and %s are both entry %d", words, other, number)
		}
		seen[number] = words
		revisions, err := c.store.Revisions(t.Context(), c.slug, number, 0, math.MaxInt)
		if err != nil {
			t.Errorf("%s is entry %d: %v", words, number, err)
			continue
		}
		if first := revisions[len(revisions)-1]; first.Revision != 1 || first.Headline != words {
			t.Errorf("the first revision of entry %d is %d with the headline %q, want %q",
				number, first.Revision, first.Headline, words)
		}
	}
	// Numbers have no gaps, so another entry would have the next number.
	extra, err := c.store.Entry(t.Context(), c.slug, len(all.posted)+1)
	if liveblog.CodeOf(err) != liveblog.NotFound {
		t.Errorf("besides the %d posted entries there is %q (%v)", len(all.posted), extra.Headline, err)
	}
}
