package handlers

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"readout/handlers/desk"
	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

func TestPublishAndSaveDraft(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", url.Values{"headline": {"One"}, "body": {"First."},
		"pinned": {"1"}, "action": {"publish"}})).
		want(t, 303).location(t, "/desk/summit?done=published&number=1")
	b.post(t, "/desk/summit",
		b.fill(t, "/desk/summit", "#composer", url.Values{"body": {"**Second** thoughts."}, "action": {"draft"}})).
		want(t, 303).location(t, "/desk/summit?done=drafted&number=2")
	a := b.get(t, "/desk/summit?done=drafted&number=2")
	if got := a.text(t, "#notice[role=status]"); got != "Entry 2 is saved as a draft." {
		t.Errorf("the notice is %q", got)
	}
	rows := a.doc(t).Find("#entries .row")
	if rows.Length() != 2 {
		t.Fatalf("%d rows", rows.Length())
	}
	draft, public := rows.Eq(0), rows.Eq(1)
	if got := draft.Find(".label").Text(); got != "draft" {
		t.Errorf("the draft is labelled %q", got)
	}
	if got := draft.Find(".row-text").Text(); got != "Second thoughts." {
		t.Errorf("the draft's text is %q", got)
	}
	if got := public.Find(".label").Text() + public.Find("h3").Text(); got != "pinnedOne" {
		t.Errorf("the entry is labelled %q", got)
	}
	if draft.Find(`a[href^="/live/"]`).Length() != 0 || public.Find(`a[href="/live/summit/1"]`).Length() != 1 {
		t.Error("the rows do not link to the entries' public pages")
	}
	a.holds(t, "#composer", url.Values{"headline": {""}, "body": {""}, "pinned": {""}})

	edit := b.fill(t, "/desk/summit/entries/2", "#composer", url.Values{"action": {"publish"}})
	b.post(t, "/desk/summit/entries/2", edit).want(t, 303).location(t, "/desk/summit?done=published&number=2")
	if e := s.entry(t, 2); !e.Public() || e.Body != "**Second** thoughts." {
		t.Errorf("the draft became %+v", e)
	}
}

func TestTimesAreInTheVenuesZone(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	zone := "Asia/Seoul"
	if _, err := s.desk.UpdateBlog(t.Context(), s.actor(liveblog.Editor), "summit",
		liveblog.BlogPatch{TimeZone: &zone}); err != nil {
		t.Fatal(err)
	}
	e := s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	blog, err := s.Blog(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	want := e.PublishedAt.In(blog.Location()).Format("15:04") + " Seoul time"
	if got := s.browser(t, liveblog.Editor).get(t, "/desk/summit").text(t, ".row time"); !strings.HasPrefix(got, want) {
		t.Errorf("the time is %q, want %q", got, want)
	}
}

func TestEntryListPages(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	const entries = 2*desk.DeskEntries + 1
	for i := range entries {
		s.add(t, liveblog.Editor, liveblog.EntryInput{Body: fmt.Sprint("Entry ", i+1)})
	}
	b := s.browser(t, liveblog.Editor)
	var seen []string
	for path, pages := "/desk/summit", 0; path != ""; pages++ {
		if pages > 3 {
			t.Fatal("there is always a next page")
		}
		doc := b.get(t, path).want(t, 200).doc(t)
		doc.Find(".row-number").Each(func(_ int, n *goquery.Selection) { seen = append(seen, n.Text()) })
		if composers := doc.Find("#composer").Length(); (composers == 1) != (pages == 0) {
			t.Errorf("%s has %d composers", path, composers)
		}
		next := doc.Find(".paging a[rel=next]").AttrOr("href", "")
		path = next
	}
	if len(seen) != entries || seen[0] != strconv.Itoa(entries) || seen[len(seen)-1] != "1" {
		t.Errorf("the pages list %v", seen)
	}
}

func TestDoubleSubmitMakesOneEntry(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	fields := b.fill(t, "/desk/summit", "#composer", url.Values{"body": {"Once."}, "action": {"publish"}})
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			twin := *b
			twin.post(t, "/desk/summit", fields).location(t, "/desk/summit?done=published&number=1")
		})
	}
	both.Wait()
	if n := s.count(t); n != 1 {
		t.Fatalf("%d entries were made", n)
	}

	// The answer to the first save is lost and the text changed before the second: the editor has to decide.
	fields.Set("body", "Once, with more to it.")
	a := b.post(t, "/desk/summit", fields).want(t, 422)
	a.holds(t, "#composer", url.Values{"body": {"Once, with more to it."}})
	if !strings.HasPrefix(a.text(t, ".problem-message"), "This form has already been saved once") {
		t.Errorf("the message is %q", a.text(t, ".problem-message"))
	}
	if n := a.doc(t).Find("#entries .row").Length(); n != 1 {
		t.Errorf("the page lists %d entries", n)
	}
	b.post(t, "/desk/summit", a.form(t, "#composer", url.Values{"action": {"publish"}})).want(t, 303)
	if n := s.count(t); n != 2 {
		t.Errorf("there are %d entries after a deliberate second save", n)
	}
	if one, two := b.fill(t, "/desk/summit", "#composer", nil),
		b.fill(t, "/desk/summit", "#composer", nil); one.Get("key") == two.Get("key") {
		t.Error("two forms have the same idempotency key")
	}
}

func TestPreviewWithoutAScript(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	for _, path := range []string{"/desk/summit", "/desk/summit/entries/1"} {
		for _, action := range []string{"preview", "", "nonsense"} {
			typed := typedEntryFields(action)
			typed.Set("body", "A **bold** word")
			fields := b.fill(t, path, "#composer", typed)
			a := b.post(t, path, fields).want(t, 200)
			a.holds(t, "#composer", typed)
			if got := a.previewed(t, "article strong"); got != "bold" {
				t.Errorf("the preview of %s shows %q", path, got)
			}
			if a.doc(t).Find(".preview[hidden]").Length() != 0 {
				t.Error("the preview is hidden")
			}
			for _, name := range []string{"key", "base"} {
				if got := a.form(t, "#composer", nil).Get(name); got != fields.Get(name) {
					t.Errorf("the preview changes %s from %q to %q", name, fields.Get(name), got)
				}
			}
		}
	}
	if e := s.entry(t, 1); s.count(t) != 1 || e.Revision != 1 {
		t.Error("a preview was saved")
	}
}

func TestPreviewForTheScript(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Contributor)
	fields := b.fill(t, "/desk/summit", "#composer",
		url.Values{"headline": {"H <i>"}, "body": {"A *word*"}, "key_event": {"1"}})
	a := b.post(t, "/desk/summit/preview", fields).want(t, 200)
	if got := a.text(t, "article h2"); got != "H <i>" {
		t.Errorf("the headline is %q", got)
	}
	if a.text(t, "article em") != "word" || a.doc(t).Find("#composer, header").Length() != 0 {
		t.Errorf("the fragment is %s", a.body)
	}
	fields.Set("body", strings.Repeat("x", liveblog.MaxBody+1))
	if got := b.post(t, "/desk/summit/preview", fields).want(t, 200).
		text(t, "#entry-body-problem"); got != "The text takes 65537 bytes; 65536 is the limit." {
		t.Errorf("the preview of a text that is too long shows %q", got)
	}
	b.post(t, "/desk/nowhere/preview", fields).want(t, 404)
}

func TestStaleSaveShowsBothTexts(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Talks", Body: "They met for two hours."})
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	path := "/desk/summit/entries/1"
	typed := url.Values{"headline": {"Talks"}, "body": {"They met for three hours."},
		"key_event": {"1"}, "action": {"publish"}}
	first := mine.fill(t, path, "#composer", typed)
	theirs.post(t, path, theirs.fill(t, path, "#composer",
		url.Values{"body": {"They met for two hours in Busan."}, "action": {"publish"}})).want(t, 303)

	a := mine.post(t, path, first).want(t, 412)
	a.holds(t, "#composer", typed)
	if got := a.text(t, ".conflict"); !strings.Contains(got, "The admin saved revision 2 at") {
		t.Errorf("the conflict reads %q", got)
	}
	if got := a.text(t, ".conflict .source"); got != "They met for two hours in Busan." {
		t.Errorf("the current text is %q", got)
	}
	if del, ins := a.doc(t).Find(".conflict dd del").First().Text(),
		a.doc(t).Find(".conflict dd ins").First().Text(); !strings.Contains(del, "two") ||
		!strings.Contains(ins, "three") {
		t.Errorf("saving would delete %q and insert %q", del, ins)
	}
	if a.doc(t).Find(".conflict time[datetime]").Length() != 1 {
		t.Error("the conflict does not show when the other revision was saved")
	}
	if e := s.entry(t, 1); e.Revision != 2 {
		t.Fatalf("the entry is at revision %d", e.Revision)
	}

	again := a.form(t, "#composer", url.Values{"action": {"publish"}})
	if again.Get("base") != "2" {
		t.Errorf("the base is %s", again.Get("base"))
	}
	a.choose(t, again, 1)
	mine.post(t, path, again).want(t, 303).location(t, "/desk/summit?done=saved&number=1")
	if e := s.entry(t, 1); e.Revision != 3 || e.Body != "They met for three hours." || e.EditedBy != "The editor" {
		t.Errorf("the entry is %+v", e)
	}
	// The answer is lost, and the browser repeats the request: it has been saved already.
	mine.post(t, path, again).want(t, 303).location(t, "/desk/summit?done=saved&number=1")
	if e := s.entry(t, 1); e.Revision != 3 {
		t.Errorf("the repetition created revision %d", e.Revision)
	}
}

func TestUnreadableBaseOverwritesNothing(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	for _, base := range []string{"", "0", "-1", "x", "99999999999999999999"} {
		fields := b.fill(t, "/desk/summit/entries/1", "#composer",
			url.Values{"body": {"Two."}, "action": {"publish"}, "base": {base}})
		b.post(t, "/desk/summit/entries/1", fields).want(t, 412)
		b.post(t, "/desk/summit/entries/1/remove", url.Values{"csrf": fields["csrf"], "base": {base}}).want(t, 412)
	}
	if e := s.entry(t, 1); e.Revision != 1 {
		t.Errorf("the entry is at revision %d", e.Revision)
	}
}

// It fails if the text for an entry that was removed is lost: it is offered as a new entry, and set aside.
func TestSavingARemovedEntryKeepsTheText(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	typed := url.Values{"body": {"Still here."}, "action": {"publish"}}
	fields := b.fill(t, "/desk/summit/entries/1", "#composer", typed)
	if _, err := s.desk.Remove(t.Context(), s.actor(liveblog.Admin), "summit", 1, 1); err != nil {
		t.Fatal(err)
	}
	a := b.post(t, "/desk/summit/entries/1", fields).want(t, 409)
	a.holds(t, "#composer", typed)
	if got := a.text(t, ".problem-message"); !strings.HasPrefix(got, "The admin removed entry 1 at ") ||
		!strings.HasSuffix(got, " Your text is in the form as a new entry, and nothing is saved yet.") {
		t.Errorf("the message is %q", got)
	}
	if got := b.get(t, "/desk/summit/entries/1/history").want(t, 200).text(t, ".set-aside pre.source"); got != "Still here." {
		t.Errorf("the history has %q set aside", got)
	}
	again := a.form(t, "#composer", url.Values{"action": {"publish"}})
	for range 2 { // the second is the same save, whose answer was lost
		b.post(t, "/desk/summit", again).want(t, 303)
	}
	if s.count(t) != 1 {
		t.Errorf("there are %d entries besides the removed one", s.count(t))
	}
	if e := s.entry(t, 2); e.Body != "Still here." || !e.Public() {
		t.Errorf("the new entry is %+v", e)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	path := "/desk/summit/entries/1/remove"
	asked := b.fill(t, path, `form[action$="/remove"]`, nil)
	if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Admin), "summit", 1,
		liveblog.EntryPatch{Body: new("Corrected.")}, 1); err != nil {
		t.Fatal(err)
	}
	a := b.post(t, path, asked).want(t, 412)
	if got := a.previewed(t, "article .prose"); got != "Corrected." {
		t.Errorf("the page asks about %q", got)
	}
	again := a.form(t, `form[action$="/remove"]`, nil)
	for range 2 { // the second is a double click
		b.post(t, path, again).want(t, 303).location(t, "/desk/summit?done=removed&number=1")
	}
	if e := s.entry(t, 1); e.Status != liveblog.Removed || e.Revision != 3 {
		t.Errorf("the entry is %s at revision %d", e.Status, e.Revision)
	}
	if n := b.get(t, "/desk/summit").doc(t).Find(".row").Length(); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	b.get(t, "/desk/summit/entries/1").want(t, 410)
	b.get(t, path).want(t, 410)
	b.get(t, "/desk/summit/entries/1/history").want(t, 200)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Contributor,
		liveblog.EntryInput{Headline: "Talks", Body: "They met for two hours.", Status: liveblog.Draft})
	for base, p := range []liveblog.EntryPatch{
		{Body: new("They met for three hours.")},
		{Status: new(liveblog.Published), KeyEvent: new(true)},
	} {
		if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Editor), "summit", 1, p, base+1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.desk.Remove(t.Context(), s.actor(liveblog.Admin), "summit", 1, 3); err != nil {
		t.Fatal(err)
	}
	a := s.browser(t, liveblog.Editor).get(t, "/desk/summit/entries/1/history").want(t, 200)
	type revision struct{ by, changes, del, ins string }
	var got []revision
	a.doc(t).Find(".revision").Each(func(_ int, r *goquery.Selection) {
		by, _, _ := strings.Cut(strings.TrimSpace(r.Find("h2 .aside").Text()), ",")
		got = append(got, revision{by, r.Find("dt").Text(), marked(r, "del"), marked(r, "ins")})
		if r.Find("h2 time[datetime]").Length() != 1 {
			t.Error("a revision does not show its time")
		}
	})
	want := []revision{
		{"The admin", "Status", "published", "removed"},
		{"The editor", "StatusKey event", "draft|no", "published|yes"},
		{"The editor", "Text", "two", "three"},
		{"The contributor", "", "", ""},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the history is\n%v, want\n%v", got, want)
	}
	if got := a.doc(t).Find(".revision details .source").Last().Text(); got != "They met for two hours." {
		t.Errorf("the first text is %q", got)
	}
}

// marked joins the texts of deletions or insertions, without words for screen readers.
func marked(s *goquery.Selection, selector string) string {
	var list []string
	s.Find(selector).Each(func(_ int, m *goquery.Selection) {
		m = m.Clone()
		m.Find(".visually-hidden").Remove()
		list = append(list, m.Text())
	})
	return strings.Join(list, "|")
}

// TestMarkupIsEscaped puts markup into every field, then checks that no page contains the elements and attributes it
// would create.
func TestMarkupIsEscaped(t *testing.T) {
	t.Parallel()
	payloads := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`,
		`</textarea><script>alert(1)</script>`,
		`[x](javascript:alert(1))`, `<a href="javascript:alert(1)">x</a>`,
		"<iframe srcdoc='<script>alert(1)</script>'></iframe>", `</title><script>alert(1)</script>`,
	}
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	for i, p := range payloads {
		slug := fmt.Sprint("blog-", i)
		for _, slug := range []string{slug, p} { // the second is refused and shown again
			checkEscaped(t, b.post(t, "/desk", b.fill(t, "/desk", "main form", url.Values{"slug": {slug}, "title": {p},
				"standfirst": {p}, "time_zone": {"UTC"}})))
		}
		checkEscaped(t, b.post(t, "/desk/"+slug+"/settings",
			b.fill(t, "/desk/"+slug+"/settings", "main form",
				url.Values{"status": {p}, "time_zone": {p}, "language": {p}})).want(t, 422))
		for _, action := range []string{"preview", "draft", "publish"} {
			fields := b.fill(t, "/desk/"+slug, "#composer",
				url.Values{"headline": {p}, "body": {p}, "action": {action}, "key": {p + action}})
			checkEscaped(t, b.post(t, "/desk/"+slug, fields))
			checkEscaped(t, b.post(t, "/desk/"+slug+"/preview", fields))
			fields.Set("csrf", p)
			checkEscaped(t, b.post(t, "/desk/"+slug, fields).want(t, 403))
		}
		entry := "/desk/" + slug + "/entries/2"
		fields := b.fill(t, entry, "#composer",
			url.Values{"headline": {p + p}, "body": {p + " and " + p}, "action": {"publish"}})
		checkEscaped(t, b.post(t, entry, fields).want(t, 303))
		fields.Set("body", p+p)
		checkEscaped(t, b.post(t, entry, fields).want(t, 412))
		for _, path := range []string{"/desk", "/desk/" + slug,
			"/desk/" + slug + "?done=" + url.QueryEscape(p) + "&number=" + url.QueryEscape(p),
			"/desk/" + slug + "/settings", entry, entry + "/remove", entry + "/history", "/desk/" + url.PathEscape(p),
			"/login?next=" + url.QueryEscape(p)} {
			checkEscaped(t, b.get(t, path))
		}
		stranger := &browser{site: s}
		checkEscaped(t, stranger.post(t, "/login", url.Values{"email": {p}, "password": {p}, "next": {"/" + p}}))
	}
}

// frames returns the documents in the frames for entries.
func (a deskAnswer) frames(t *testing.T) (all []*goquery.Document) {
	t.Helper()
	a.doc(t).Find("iframe[data-entry-frame]").Each(func(_ int, frame *goquery.Selection) {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(frame.AttrOr("srcdoc", "")))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, doc)
	})
	return all
}

// previewed returns the text of an element in the preview, without which the test stops.
func (a deskAnswer) previewed(t *testing.T, selector string) string {
	t.Helper()
	frames := a.frames(t)
	if len(frames) != 1 || frames[0].Find(selector).Length() == 0 {
		t.Fatalf("the page has %d frames, or no %s in it: %s", len(frames), selector, a.body)
	}
	return strings.Join(strings.Fields(frames[0].Find(selector).Text()), " ")
}

func checkEscaped(t *testing.T, a deskAnswer) {
	t.Helper()
	doc := a.doc(t)
	doc.Find("iframe[data-entry-frame]").Remove()
	for _, frame := range a.frames(t) {
		frame.Find("head base").Remove()
		checkDocument(t, frame, a.body)
	}
	checkDocument(t, doc, a.body)
}

func checkDocument(t *testing.T, doc *goquery.Document, body []byte) {
	t.Helper()
	if n := doc.Find("script:not([src^='/assets/']), img, svg:not(.mark), iframe, object, embed, [srcdoc], " +
		"base, style").Length(); n > 0 {
		t.Errorf("%d elements of the markup are in %s", n, body)
	}
	doc.Find("*").Each(func(_ int, e *goquery.Selection) {
		for _, attribute := range e.Get(0).Attr {
			if strings.HasPrefix(attribute.Key, "on") || strings.Contains(strings.ToLower(attribute.Val),
				"javascript:") && (attribute.Key == "href" || attribute.Key == "action" || attribute.Key == "src") {
				t.Errorf("the markup became the attribute %s=%q", attribute.Key, attribute.Val)
			}
		}
	})
}

// TestPreviewReadsTheTalksOnce fails if the page around a preview reads them again.
func TestPreviewReadsTheTalksOnce(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	fields := b.fill(t, "/desk/summit", "#composer", url.Values{"action": {"preview"}, "body": {"Two."}})
	for _, path := range []string{"/desk/summit", "/desk/summit/entries/1", "/desk/summit/preview"} {
		before := s.statements.Load()
		b.post(t, path, fields).want(t, 200)
		if n := s.statements.Load() - before; n != 1 {
			t.Errorf("a preview at %s reads the statements %d times", path, n)
		}
	}
	s.blogs.Store(true)
	b.post(t, "/desk/summit", fields).want(t, 503)
}
