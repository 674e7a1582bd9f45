package views_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/feed"

	"github.com/PuerkitoBio/goquery"
	"github.com/mmcdole/gofeed"
)

// feedItem returns the only item of a feed, an entry with the acts of the slash commands, in a blog of the language.
func feedItem(t *testing.T, language, commands string) (*gofeed.Item, *goquery.Document) {
	t.Helper()
	p := samplePage(1)
	p.Head.Blog.Language = language
	at := start.Add(-time.Hour)
	setup := liveblog.Setup{
		Tracks:   []liveblog.Track{{ID: "rare-earths", Name: "Rare <earths>"}},
		Parties:  []liveblog.Party{{ID: "china", Name: "China"}},
		Speakers: []liveblog.Speaker{{ID: "wu-xinbo", Name: "Wu Xinbo", Office: "Fudan University"}},
		Meetings: []liveblog.Meeting{{ID: "leaders", Name: "Leaders’ meeting"}},
		Sessions: []liveblog.AgendaItem{{ID: "opening", Name: "Opening", Starts: at}},
	}
	acts, err := liveblog.ParseCommands(setup, time.UTC, commands)
	if err != nil {
		t.Fatal(err)
	}
	p.Entries[0].Acts = acts
	earlier := liveblog.Act{
		Kind: liveblog.ActClaim, Claim: "old", Status: "confirmed", Text: "It is so.", Attribution: "two sources",
	}
	later := liveblog.Act{Kind: liveblog.ActClaim, Claim: "new", Status: "denied"}
	p.Talks = liveblog.Fold(setup, []liveblog.Statement{
		{By: liveblog.By{Entry: 1, At: at}, Acts: liveblog.NewActs([]liveblog.Act{earlier})},
		{By: liveblog.By{Entry: 100, At: p.Entries[0].PublishedAt}, Acts: acts},
		{By: liveblog.By{Entry: 101, At: start.Add(time.Hour)}, Acts: liveblog.NewActs([]liveblog.Act{later})},
	})
	body, _, err := feed.Atom(feed.Page{Site: site, Page: p, Path: "/live/talks/feed.atom"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil || len(f.Items) != 1 {
		t.Fatalf("%v in %s", err, body)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(f.Items[0].Content))
	if err != nil {
		t.Fatal(err)
	}
	return f.Items[0], doc
}

func TestFeedsSayInWordsWhatAnEntryStates(t *testing.T) {
	t.Parallel()
	const claims = "Where the claims in this entry stand: "
	for _, row := range []struct{ commands, want string }{
		{
			"/move rare-earths → in talks | source https://news.example/a?b=1&c=2",
			"Rare <earths>: in talks Source",
		},
		{
			"/position China on rare-earths: They stay. | speaker Wu Xinbo",
			"China, Rare <earths>: They stay. (Wu Xinbo, Fudan University)",
		},
		{
			"/quote Wu Xinbo: It is <necessary>. | record background",
			"“It is <necessary>.” — Wu Xinbo, Fudan University (on background)",
		},
		{
			"/quote Wu Xinbo: Good. | original 好 | language zh-Hans | translator Li Min",
			"“Good.” “好” — Wu Xinbo, Fudan University (translated by Li Min)",
		},
		{
			"/readout leaders by China\n- [rare earths] Suspended.\n- No topic.",
			"China, Leaders’ meeting: Rare earths: Suspended. No topic.",
		},
		{
			"/text joint-statement draft 2\nFirst line.\n\nSecond line.",
			"Joint statement, draft 2: First line. Second line.",
		},
		{
			"/session opening postponed | starts 2025-10-26 10:00",
			"Opening: Postponed, starts 19:00 Seoul time, 26 Oct 2025",
		},
		{
			"/figure tariff-ceiling = 55 % | source https://news.example/",
			"Tariff ceiling: 55 % Source",
		},
		{
			"/cite old",
			claims + "Confirmed (two sources): It is so.",
		},
		{
			"/claim new reported: It will be.",
			claims + "Denied, reported here before: It will be.",
		},
		{
			"/claim next reported: So. | by claim:gone",
			claims + "Reported (resting on a claim that has been taken back): So.",
		},
		{
			"/cite unknown",
			"A claim that this entry rested on has been taken back.",
		},
	} {
		_, doc := feedItem(t, "en", row.commands)
		// goquery's Text puts no space between blocks.
		doc.Find("p, li, strong, blockquote").AppendHtml(" ").PrependHtml(" ")
		got := strings.NewReplacer(" :", ":", " ,", ",").Replace(strings.Join(strings.Fields(doc.Text()), " "))
		if !strings.HasSuffix(got, row.want) {
			t.Errorf("%s\nreads %q\nwant  %q", row.commands, got, row.want)
		}
	}
}

func TestFeedsMarkInterfaceTextsInOtherLanguages(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]int{"en": 0, "fa": 2} {
		_, doc := feedItem(t, language, "/move rare-earths → in talks\n/cite old")
		english, all := doc.Find(`[lang=en][dir=ltr]`).Length(), doc.Find("[lang]").Length()
		if english < want || want == 0 && all > 0 {
			h, _ := doc.Html()
			t.Errorf("in %s: %s", language, h)
		}
	}
	_, doc := feedItem(t, "en", "/quote Wu Xinbo: Good. | original שלום | language he")
	if doc.Find(`[lang=he][dir=rtl]`).Length() != 1 {
		t.Error("the original is not marked with its language and direction")
	}
}

func TestFeedItemIsUpdatedWithItsClaims(t *testing.T) {
	t.Parallel()
	for commands, want := range map[string]time.Time{
		"/cite old":                                start, // older than the entry
		"/claim new reported: It will be.":         start.Add(time.Hour),
		"/claim next reported: So. | by claim:new": start.Add(time.Hour),
		"/move rare-earths → in talks":             start,
	} {
		item, _ := feedItem(t, "en", commands)
		if strings.Contains(commands, "next") {
			item, _ = feedItem(t, "en", "/claim new reported: It will be.\n"+commands)
		}
		if !item.UpdatedParsed.Equal(want) {
			t.Errorf("%s: updated %v, want %v", commands, item.UpdatedParsed, want)
		}
	}
}

// FuzzAtom checks that feeds are well-formed XML without markup from the entry's texts.
func FuzzAtom(f *testing.F) {
	for _, s := range []string{
		"]]>", "&#0;", "\ufffe", "</content>", "<![CDATA[", "a\u2028b", "&amp;lt;script&amp;gt;",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, headline, body string) {
		p := samplePage(1)
		p.Entries[0].Headline, p.Entries[0].Body = headline, body
		for _, write := range []func(feed.Page) ([]byte, time.Time, error){feed.Atom, feed.RSS} {
			out, _, err := write(feed.Page{Site: site, Page: p})
			if err != nil {
				t.Fatal(err)
			}
			var any struct{}
			if err := xml.Unmarshal(out, &any); err != nil {
				t.Fatalf("%v in %q", err, out)
			}
			if bytes.Contains(out, []byte("<script")) {
				t.Fatalf("markup gets through: %q", out)
			}
		}
	})
}
