package handlers

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/handlers/partner"
	"readout/liveblog"
)

// pageLinks returns the addresses that a page of a feed gives for itself, the first page and the next one.
func (a answer) pageLinks(t *testing.T, name string) map[string]string {
	t.Helper()
	type link struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	links := map[string]string{}
	var list []link
	switch name {
	case "feed.json":
		var f struct {
			Self string `json:"feed_url"`
			Next string `json:"next_url"`
		}
		if err := json.Unmarshal(a.body, &f); err != nil {
			t.Fatal(err)
		}
		list = []link{{"self", f.Self}}
		if first, _, later := strings.Cut(f.Self, "?"); later { // the format has no link to it
			list = append(list, link{"first", first})
		}
		if f.Next != "" {
			list = append(list, link{"next", f.Next})
		}
	case "feed.atom":
		var f struct {
			Links []link `xml:"http://www.w3.org/2005/Atom link"`
		}
		if err := xml.Unmarshal(a.body, &f); err != nil {
			t.Fatal(err)
		}
		list = f.Links
	default:
		var f struct {
			Channel struct {
				Links []link `xml:"http://www.w3.org/2005/Atom link"`
			} `xml:"channel"`
		}
		if err := xml.Unmarshal(a.body, &f); err != nil {
			t.Fatal(err)
		}
		list = f.Channel.Links
	}
	for _, l := range list {
		links[l.Rel] = strings.TrimPrefix(l.Href, testBase)
	}
	delete(links, "alternate")
	return links
}

// Programs that were away for a busy hour read the pages of a feed to its end. It fails if the pages leave out an entry
// that is pinned or was published in the same microsecond as another, repeat one, or end early because the entry before
// them has been removed.
func TestFeedsHavePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := time.Date(2025, 10, 30, 11, 0, 0, 0, time.UTC)
	desk := liveblog.NewDesk(s.store, silentBroker{}, liveblog.DeskOptions{Now: func() time.Time { return at }})
	editor := liveblog.Actor{ID: "u_9", Name: "Eve", Role: liveblog.Editor}
	const entries = 2*partner.FeedEntries + 7
	want := []string{}
	for i := range entries {
		if i%3 != 0 { // every third one at the same time as the one before it
			at = at.Add(time.Minute)
		}
		e, _, err := desk.Post(t.Context(), editor, "summit",
			liveblog.EntryInput{Headline: fmt.Sprint("Entry ", i+1), Body: "Text.", Pinned: i == 4}, nil)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprint("Entry ", e.Number))
	}
	slices.Reverse(want)
	for name := range feedNames {
		got := []string{}
		next := "/live/summit/" + name
		for pages := 0; next != ""; pages++ {
			if pages > 3 {
				t.Fatalf("%s has no last page", name)
			}
			a := s.do(t, "GET", next, "").want(t, 200)
			links := a.pageLinks(t, name)
			first, later := links["first"]
			if links["self"] != next || later != (pages > 0) || later && first != "/live/summit/"+name {
				t.Errorf("%s: the links of %s are %v", name, next, links)
			}
			for _, item := range a.read(t).Items {
				got = append(got, item.Title)
			}
			next = links["next"]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has the entries\n%v, want\n%v", name, got, want)
		}
	}
	last := entries - partner.FeedEntries + 1 // the last one of the first page
	if _, err := desk.Remove(t.Context(), editor, "summit", last, 0); err != nil {
		t.Fatal(err)
	}
	for name := range feedNames {
		items := s.feed(t, fmt.Sprintf("%s?before=%d", name, last)).read(t).Items
		if len(items) != partner.FeedEntries || items[0].Title != fmt.Sprint("Entry ", last-1) {
			t.Errorf("%s: the page behind a removed entry has %d entries", name, len(items))
		}
		s.feed(t, name+"?before=9999").want(t, 404)
		for _, bad := range []string{"x", "-1", "01", "0", "1e3"} {
			s.feed(t, name+"?before="+bad).want(t, 400)
		}
	}
}

// Programs that keep no entity tag revalidate by the date. It fails if a change within the same second as the one
// before it is kept from them, or if nothing is ever answered with 304.
func TestFeedsAnswerIfModifiedSince(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := time.Date(2025, 10, 30, 11, 0, 0, 0, time.UTC)
	desk := liveblog.NewDesk(s.store, silentBroker{}, liveblog.DeskOptions{Now: func() time.Time { return at }})
	admin := liveblog.Actor{ID: "u_0", Name: "Root", Role: liveblog.Admin}
	if _, err := desk.CreateBlog(t.Context(), admin, liveblog.NewBlog{Slug: "old", Title: "Old"}); err != nil {
		t.Fatal(err)
	}
	post := func() error {
		_, _, err := desk.Post(t.Context(), admin, "old", liveblog.EntryInput{Body: "Text."}, nil)
		return err
	}
	edit := func() error {
		_, err := desk.Edit(t.Context(), admin, "old", 1, liveblog.EntryPatch{Body: new(at.String())}, 0)
		return err
	}
	remove := func() error {
		_, err := desk.Remove(t.Context(), admin, "old", 1, 0)
		return err
	}
	rename := func() error {
		_, err := desk.UpdateBlog(t.Context(), admin, "old", liveblog.BlogPatch{Title: new(at.String())})
		return err
	}
	setup := func() error {
		_, err := desk.UpdateSetup(t.Context(), admin, "old",
			liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: at.String()}}})
		return err
	}
	for i, step := range []struct {
		after  time.Duration
		change func() error
		same   int // the status for who has the date of this change
	}{
		{time.Minute, post, 304},
		{400 * time.Millisecond, edit, 200},
		{300 * time.Millisecond, remove, 200},
		{time.Minute, rename, 304},
		{time.Microsecond, setup, 200},
		{time.Second, setup, 304},
		{-10 * time.Second, rename, 200}, // the clock is set back, which leaves the date as it is
		{time.Hour, post, 304},
	} {
		before := s.do(t, "GET", "/live/old/feed.atom", "").want(t, 200)
		at = at.Add(step.after)
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		for name := range feedNames {
			get := func(since string, headers ...string) answer {
				return s.do(t, "GET", "/live/old/"+name, "", append(headers, "If-Modified-Since", since)...)
			}
			if a := get(before.Header.Get("Last-Modified")); a.StatusCode != 200 {
				t.Errorf("step %d: %s hides the change behind the status %d", i, name, a.StatusCode)
			}
			a := get("yesterday").want(t, 200)
			date := a.Header.Get("Last-Modified")
			modified, err := http.ParseTime(date)
			if err != nil {
				t.Fatal(err)
			}
			if a := get(date); a.StatusCode != step.same || (len(a.body) == 0) != (step.same == 304) {
				t.Errorf("step %d: %s answers its own date with %d and %d bytes, want %d", i, name, a.StatusCode,
					len(a.body), step.same)
			}
			get(modified.Add(-time.Second).Format(http.TimeFormat)).want(t, 200)
			get(date, "If-None-Match", `"another"`).want(t, 200)
			get("yesterday", "If-None-Match", a.Header.Get("ETag")).want(t, 304)
		}
	}
}
