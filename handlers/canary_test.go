package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"readout/liveblog"
)

// A canary is a word in a text that not everybody may read.
type canary struct {
	word string
	slug string                       // the blog that it is in
	read func(by liveblog.Actor) bool // who may read it
}

// canaryPaths are the pages, feeds and lists that could show a canary, besides those of the route tables. NUMBER is the
// number of an entry with a canary, and WORD its word.
var canaryPaths = []string{
	"/live/SLUG/NUMBER", "/live/SLUG?around=NUMBER", "/live/SLUG?order=oldest", "/live/SLUG?by=key-events",
	"/live/SLUG?author=The+admin", "/live/SLUG/search?q=WORD", "/live/SLUG/changes?after=BEGINNING",
	"/live/SLUG/changes?after=BEGINNING&format=json",
	"/live/SLUG/feed.atom", "/live/SLUG/feed.rss", "/live/SLUG/feed.json", "/live/SLUG/corrections",
	"/live/SLUG/briefing",
	"/live/SLUG/board", "/embed/SLUG", "/sitemap.xml", "/sitemap-news.xml", "/",
	"/desk", "/desk/SLUG", "/desk/SLUG/acts.json", "/desk/SLUG/setup",
	"/desk/SLUG/settings", "/desk/SLUG/entries/NUMBER",
	"/desk/SLUG/entries/NUMBER/history", "/desk/SLUG/entries/NUMBER/remove", "/desk/SLUG/entries/NUMBER/purge",
	"/desk/SLUG?copy=0123456789emu0000", "/desk/SLUG/entries/NUMBER?copy=0123456789emu0001", "/desk/SLUG/members", "/desk/SLUG/audit", "/desk/SLUG/audit.csv", "/desk/SLUG/audit.json", "/admin/members",
	"/account", "/admin/tokens", "/admin/audit", "/admin/audit.csv", "/admin/audit.json",
	"/api/v1/blogs", "/api/v1/blogs/SLUG", "/api/v1/blogs/SLUG/entries", "/api/v1/blogs/SLUG/entries/NUMBER",
	"/api/v1/blogs/SLUG/entries/NUMBER/revisions", "/api/v1/blogs/SLUG/setup", "/api/v1/blogs/SLUG/claims",
	"/api/v1/blogs/SLUG/briefing",
}

// Words are put into texts that are not public, and everybody asks for everything. Each is where it may be and nowhere
// else, and never in the log. It fails if any page, feed, list or log line shows a draft, a removed entry or a refused
// text to somebody who may not read it.
func TestCanariesStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	root := s.actor(liveblog.Admin)
	if _, err := s.desk.CreateBlog(t.Context(), root, liveblog.NewBlog{Slug: "other", Title: "Other"}); err != nil {
		t.Fatal(err)
	}
	numbers := map[string]int{}
	post := func(slug, word string, status liveblog.EntryStatus) {
		t.Helper()
		e, _, err := s.desk.Post(t.Context(), root, slug, liveblog.EntryInput{Headline: "On " + word,
			Body: "It is " + word + ".", KeyEvent: true, Status: status}, nil)
		if err != nil {
			t.Fatal(err)
		}
		numbers[word] = e.Number
	}
	readers := func(slug string) func(liveblog.Actor) bool {
		return func(by liveblog.Actor) bool { return liveblog.May(by, liveblog.ReadDrafts, slug) == nil }
	}
	nobody := func(liveblog.Actor) bool { return false }
	canaries := []canary{
		{"dodo", "summit", readers("summit")}, {"heron", "summit", readers("summit")},
		{"quagga", "other", readers("other")}, {"ibis", "summit", nobody}, {"moa", "summit", nobody},
		{"auk", "summit", readers("summit")},
	}
	post("summit", "dodo", liveblog.Draft)
	post("summit", "heron", liveblog.Published)
	if _, err := s.desk.Remove(t.Context(), root, "summit", numbers["heron"], 0); err != nil {
		t.Fatal(err)
	}
	post("other", "quagga", liveblog.Draft)
	post("summit", "moa", liveblog.Published)
	if _, err := s.desk.Purge(t.Context(), root, "summit", numbers["moa"], 0, "A court has asked for it."); err != nil {
		t.Fatal(err)
	}
	// A version that is set aside stays with an entry that everybody reads.
	post("summit", "public", liveblog.Published)
	numbers["auk"] = numbers["public"]
	if _, err := s.desk.Edit(t.Context(), root, "summit", numbers["auk"],
		liveblog.EntryPatch{Body: new("Public, too.")}, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.Merge(t.Context(), root, "summit", numbers["auk"],
		liveblog.EntryPatch{Body: new("Of the auk.")}, liveblog.Basis{Revision: 1}); liveblog.CodeOf(err) != liveblog.Stale {
		t.Fatalf("the save of an old form: %v", err)
	}
	// Nobody but its owner, who is not asked here, is shown a working copy.
	canaries = append(canaries, canary{"emu", "summit", nobody})
	numbers["emu"] = numbers["public"]
	for number, id := range []string{"0123456789emu0000", "0123456789emu0001"} {
		if _, err := s.desk.SaveCopy(t.Context(), root, liveblog.WorkingCopy{ID: id, Writer: id, Slug: "summit",
			Number: number * numbers["public"], Base: number, Fields: map[string]string{"headline": "An emu", "body": "The emu."},
		}, 0); err != nil {
			t.Fatal(err)
		}
	}
	// A save that is refused is shown to nobody but who sent it, and to them only in the answer.
	refused := s.browser(t, liveblog.Editor)
	if a := refused.post(t, "/desk/summit", refused.fill(t, "/desk/summit", "main form[data-composer]", url.Values{
		"headline": {strings.Repeat("ibis ", 100)}, "body": {"The ibis."},
		"action": {"publish"}})); a.StatusCode != 422 {
		t.Fatalf("the save is answered with %d", a.StatusCode)
	}
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"The ibis.","status":"wrong"}`)

	type asker struct {
		name    string
		actor   liveblog.Actor
		desk    *browser
		headers []string
	}
	askers := []asker{{name: "nobody"}}
	for _, who := range everybody {
		if who.role != "" && who.role != liveblog.Admin {
			continue // their rights on all blogs are those that others have on one
		}
		b, token := s.enroll(t, who)
		askers = append(askers, asker{who.name, liveblog.Actor{ID: who.name, Role: who.role, On: who.on}, b,
			[]string{"Authorization", "Bearer " + token}})
	}
	// The poll from the beginning has what a socket or an event stream brings a reader with an old cursor.
	beginning := map[string]string{}
	for _, slug := range []string{"summit", "other"} {
		b, err := s.failingStore.Store.Blog(t.Context(), slug)
		if err != nil {
			t.Fatal(err)
		}
		beginning[slug] = liveblog.Cursor{Epoch: b.Cursor.Epoch}.String()
	}
	paths := map[string]string{} // the word that a path asks for, if any
	for _, c := range canaries {
		for _, path := range canaryPaths {
			asked := ""
			if strings.Contains(path, "WORD") {
				asked = c.word
			}
			paths[strings.NewReplacer("BEGINNING", beginning[c.slug], "SLUG", c.slug, "WORD", c.word,
				"NUMBER", fmt.Sprint(numbers[c.word])).Replace(path)] = asked
		}
	}
	for _, who := range askers {
		found := map[string]bool{}
		for path, asked := range paths {
			var body string
			private := strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/desk") ||
				strings.HasPrefix(path, "/admin/") || path == "/account"
			switch {
			case strings.HasPrefix(path, "/api/"):
				body = string(s.do(t, "GET", path, "", who.headers...).body)
			case private && who.desk != nil:
				body = string(who.desk.get(t, path).body)
			default:
				body = string(s.do(t, "GET", path, "").body)
			}
			for _, c := range canaries {
				if c.word == asked || !strings.Contains(body, c.word) {
					continue // a search repeats what was searched for
				}
				if found[c.word] = true; !private || !c.read(who.actor) {
					t.Errorf("%s reads %q at %s", who.name, c.word, path)
				}
			}
		}
		for _, c := range canaries { // a preview of a change to an entry shows what else the entry has
			if who.desk == nil {
				break
			}
			body := string(who.desk.post(t, "/desk/"+c.slug+"/preview", url.Values{"csrf": {who.desk.csrf(t)},
				"number": {fmt.Sprint(numbers[c.word])}, "base": {"1"}, "body": {"Another text."}}).body)
			if strings.Contains(body, c.word) && !c.read(who.actor) {
				t.Errorf("%s reads %q in a preview", who.name, c.word)
			}
		}
		for _, c := range canaries {
			if c.read(who.actor) != found[c.word] {
				t.Errorf("%s finds %q: %t, want %t", who.name, c.word, found[c.word], c.read(who.actor))
			}
		}
	}
	for line := range strings.Lines(s.log.String()) {
		if slices.ContainsFunc(canaries, func(c canary) bool { return strings.Contains(line, c.word) && !strings.Contains(line, "q=") }) {
			t.Errorf("the log has the line %s", line)
		}
	}
}
