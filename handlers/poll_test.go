package handlers

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

func TestPoll(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	start, err := s.store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	s.post(t, `{"body":"`+strings.Repeat("Chips. ", 300)+`"}`)
	path := "/live/summit/changes?format=json&after=" + start.String()
	a := s.do(t, "GET", path, "").want(t, 200).header(t, "Content-Type", "application/json").
		header(t, "Cache-Control", "public, max-age=0, s-maxage=1").header(t, "Vary", "Accept-Encoding").
		header(t, "Access-Control-Allow-Origin", "*").header(t, "Content-Encoding", "")
	var poll struct {
		Cursor  string
		Changes []wire
	}
	a.json(t, &poll)
	if len(poll.Changes) != 1 || poll.Changes[0].Op != "put" || poll.Changes[0].Cursor != poll.Cursor {
		t.Errorf("the answer to the poll is %s", a.body)
	}
	tag := a.Header.Get("ETag")
	s.do(t, "GET", path, "", "If-None-Match", tag, "Accept-Encoding", "gzip").want(t, 304).header(t, "ETag", tag)
	if other := s.do(t, "GET", strings.Replace(path, "json", "html", 1), "").Header.Get("ETag"); other == tag {
		t.Error("both formats have the same ETag")
	}
	packed := s.do(t, "GET", path, "", "Accept-Encoding", "gzip").want(t, 200).header(t, "Content-Encoding", "gzip")
	r, err := gzip.NewReader(bytes.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, a.body) {
		t.Errorf("the decompressed answer is %s, %v", plain, err)
	}
	now := s.do(t, "GET", "/live/summit/changes", "", "Accept-Encoding", "gzip").want(t, 200).
		header(t, "Content-Encoding", "")
	now.json(t, &poll)
	if len(poll.Changes) != 0 || !strings.Contains(string(now.body), `"changes":[]`) {
		t.Errorf("a poll without a cursor answers %s", now.body)
	}
	s.post(t, `{"body":"More."}`)
	eventually(t, "the poll has the new entry", func() bool { // the notice may still be on its way
		return s.do(t, "GET", path, "", "If-None-Match", tag).StatusCode == 200
	})
}
