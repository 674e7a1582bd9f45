package views_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/feed"
	"readout/views/talks"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// visibleTexts returns all texts of a document that people see or that screen readers read.
func visibleTexts(doc *goquery.Document) (texts []string) {
	add := func(s string) {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			texts = append(texts, s)
		}
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			add(n.Data)
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style"):
			return
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "aria-label", "title", "placeholder", "alt", "data-said":
				add(a.Val)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	for _, n := range doc.Nodes {
		walk(n)
	}
	return texts
}

// inEveryState returns all pages and feeds of a blog in the language, by name: with all kinds of content, empty, and
// of the past. Content is what the editors have written in them.
func inEveryState(t *testing.T, language string) (pages map[string]*goquery.Document, content string) {
	t.Helper()
	pages = map[string]*goquery.Document{}
	var data []any
	talksPages := func(state string, p talks.Page, head liveblog.Head) {
		data = append(data, p, p.Talks.Setup, head)
		add := func(name string, c templ.Component) { pages[state+" "+name] = second(render(t, c)) }
		add("board", talks.Board(p))
		for _, s := range p.Talks.Board {
			add("track "+s.ID, talks.Track(p, s.ID))
		}
		add("positions", talks.Positions(p))
		add("claims", talks.Claims(p))
		add("figures", talks.Figures(p))
		add("agenda", talks.Agenda(p))
		add("speakers", talks.Speakers(p))
		for _, s := range p.Talks.Setup.Speakers {
			add("speaker "+s.ID, talks.Speaker(talks.SpeakerPage{Page: p, Speaker: s}))
		}
		add("readouts", talks.Readouts(p))
		for _, m := range p.Talks.Readouts {
			add("readout "+m.ID, talks.Readout(talks.ReadoutPage{Page: p, Meeting: m}))
		}
		add("texts", talks.Texts(p))
		for _, d := range p.Talks.Texts {
			page := talks.TextPage{Page: p, Document: d, To: d.Versions[len(d.Versions)-1]}
			add("text "+d.Document, talks.Text(page))
			page.From = &d.Versions[0]
			add("texts compared "+d.Document, talks.Text(page))
		}
		add("briefing", talks.Briefing(talks.BriefingPage{Page: p, Head: head}))
	}
	head := samplePage(4).Head
	head.Summary.Headline = ""
	head.Blog.Language = language

	record, sampled := recordPage(language), samplePage(4)
	rich := richPage()
	sampled.Head.Blog.Language, rich.Head.Blog.Language = language, language
	p := talks.Page{Site: site, Blog: rich.Head.Blog, Talks: rich.Talks, Path: "/live/talks/board"}
	past := p
	past.At = start.Add(4*24*time.Hour + time.Hour)
	talksPages("rich", p, head)
	talksPages("past", past, head)
	talksPages("record", record, head)
	talksPages(
		"empty", talks.Page{Site: site, Blog: rich.Head.Blog, Path: "/live/talks/board"},
		liveblog.Head{Blog: head.Blog},
	)

	acted := sampled
	acted.Entries = append([]liveblog.Entry{}, sampled.Entries...)
	acted.Entries[0].Acts, acted.Talks = liveblog.NewActs(recordActs()), record.Talks
	for state, page := range map[string]liveblog.Page{"sample": sampled, "rich": rich, "record": acted} {
		data = append(data, page, page.Talks.Setup)
		for name, c := range everyPage(page) {
			if name != "front" && name != "error" { // pages that belong to no blog
				pages[state+" "+name] = second(render(t, c))
			}
		}
		body, _, err := feed.JSON(feed.Page{Site: site, Page: page, Path: "/live/talks/feed.json"})
		if err != nil {
			t.Fatal(err)
		}
		var feed struct {
			Items []struct {
				HTML string `json:"content_html"`
			} `json:"items"`
		}
		if err := json.Unmarshal(body, &feed); err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, item := range feed.Items {
			all.WriteString(item.HTML)
		}
		pages[state+" feed"] = parse(t, all.String())
	}
	raw, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	var values any
	if err := json.Unmarshal(raw, &values); err != nil {
		t.Fatal(err)
	}
	return pages, strings.ToLower(strings.Join(editorsTexts("", values), "\n"))
}

// domainKeys are the keys of the domain's names for states and things, which no page shows. The ids of figures and
// documents are not among them, since pages show those.
const domainKeys = " kind status state from to record id track party speaker meeting session claim slug "

// editorsTexts returns all texts in decoded JSON except the domain's names.
func editorsTexts(key string, value any) (texts []string) {
	switch v := value.(type) {
	case string:
		if !strings.Contains(domainKeys, " "+key+" ") {
			texts = append(texts, v)
		}
	case []any:
		for _, one := range v {
			texts = append(texts, editorsTexts(key, one)...)
		}
	case map[string]any:
		for k, one := range v {
			texts = append(texts, editorsTexts(strings.ToLower(k), one)...)
		}
	}
	return texts
}

var latin = regexp.MustCompile(`[A-Za-z]{2,}`)

// latinWords returns a text's Latin words with spaces around each, so that texts can be removed from others word by
// word.
func latinWords(text string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		b.WriteString(" " + word + " ")
	}
	return b.String()
}

// contentTexts returns what the editors have written, longest first, as whole texts and as the pieces between Markdown
// marks. They are only removed from a page as a whole, so that a word of the interface is not excused by an editor's
// sentence that happens to contain it.
func contentTexts(content string) (texts []string) {
	isMark := func(r rune) bool { return strings.ContainsRune("\n*|[]#/", r) }
	for _, piece := range strings.FieldsFunc(content, isMark) {
		texts = append(texts, latinWords(piece))
	}
	for _, line := range strings.Split(content, "\n") {
		texts = append(texts, latinWords(line))
	}
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	texts = slices.Compact(texts)
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

// In languages with another script, Latin text is content by the editors, a name, or English that has not been
// translated.
func TestNoEnglishInOtherScripts(t *testing.T) {
	t.Parallel()
	names := strings.Fields("readout seoul utc atom rss json feed ics")
	// The name of the calendar file, and the pieces into which a comparison splits two versions.
	const more = "\nagenda.ics\nthe two sides agree to\nmeet\ntalk"
	for _, language := range []string{"zh", "ko", "ar"} {
		pages, content := inEveryState(t, language)
		texts := contentTexts(content + more)
		for name, doc := range pages {
			for _, text := range visibleTexts(doc) {
				rest := latinWords(text)
				for _, content := range texts {
					rest = strings.ReplaceAll(rest, content, "")
				}
				for _, word := range latin.FindAllString(rest, -1) {
					if !slices.Contains(names, word) {
						t.Errorf("%s, %s: %q in %q", language, name, word, text)
					}
				}
			}
		}
	}
}

// englishTexts returns the English texts that differ from the language's, split at their placeholders.
func englishTexts(t *testing.T, language string) map[string]bool {
	t.Helper()
	areas, err := filepath.Glob("words/*/en.json")
	if err != nil || len(areas) == 0 {
		t.Fatalf("no catalogues: %v", err)
	}
	pieces := func(name string) map[string]bool {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]any
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		list := map[string]bool{}
		add := func(text any) {
			for _, piece := range regexp.MustCompile(`\{[a-z]+\}`).Split(text.(string), -1) {
				if piece = strings.Trim(piece, " ,.:;()[]“”—←→\u00a0"); latin.MatchString(piece) {
					list[piece] = true
				}
			}
		}
		for _, text := range all {
			if plural, ok := text.(map[string]any); ok {
				for _, form := range plural {
					add(form)
				}
				continue
			}
			add(text)
		}
		return list
	}
	english, translated := map[string]bool{}, map[string]bool{}
	for _, name := range areas {
		for piece := range pieces(name) {
			english[piece] = true
		}
		for piece := range pieces(filepath.Join(filepath.Dir(name), language+".json")) {
			translated[piece] = true
		}
	}
	for piece := range translated {
		delete(english, piece)
	}
	return english
}

func TestNoEnglishInOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"zh", "ko", "es", "fr", "ar"} {
		english := englishTexts(t, language)
		pages, content := inEveryState(t, language)
		for name, doc := range pages {
			for _, text := range visibleTexts(doc) {
				trimmed := strings.Trim(text, " ,.:;()[]“”—←→\u00a0")
				for piece := range english {
					whole := trimmed == piece
					within := strings.Contains(piece, " ") && strings.Contains(text, piece)
					if (whole || within) && !strings.Contains(content, strings.ToLower(trimmed)) {
						t.Errorf("%s, %s: %q in %q", language, name, piece, text)
					}
				}
			}
		}
	}
}
