package live_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

// unbroken is a text of n characters without a place to break a line.
func unbroken(n int) string {
	const address = "https://news.example/2025/10/30/"
	return address + strings.Repeat("x", n-len(address))
}

// fillUnbroken fills the blog "summit" with texts without spaces, as long as they may be, in every field that readers
// see.
func fillUnbroken(t *testing.T, n *node.Node) {
	t.Helper()
	name, text := unbroken(120), unbroken(400)
	starts := time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)
	later := starts.Add(time.Hour)
	n.UpdateSetup("summit", liveblog.Setup{
		Tracks: []liveblog.Track{{ID: "tariffs", Name: name},
			{ID: "rare-earths", Name: name, Description: text}, {ID: "chips", Name: name}},
		Parties: []liveblog.Party{{ID: "us", Name: name, Capital: name, TimeZone: "America/New_York"},
			{ID: "china", Name: name, Capital: name[:119], TimeZone: "Asia/Shanghai"}},
		Speakers: []liveblog.Speaker{{ID: "he-lifeng", Name: name, Office: text, Party: "china"}},
		Meetings: []liveblog.Meeting{{ID: "ministers", Name: name, At: &starts}},
		Sessions: []liveblog.AgendaItem{{ID: "leaders", Name: name, Place: text, Starts: starts}},
	})
	title, standfirst := unbroken(200), unbroken(600)
	n.UpdateBlog("summit", liveblog.BlogPatch{Title: &title, Standfirst: &standfirst})
	source := unbroken(300)
	claim := func(id, status, by string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActClaim, Claim: id, Status: status, Text: text, Attribution: by}
	}
	readout := func(party string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActReadout, Meeting: "ministers", Party: party, Source: source,
			Points: []string{"[" + unbroken(60) + "] " + text, text}}
	}
	document := func(version, more string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActText, Document: "statement", Version: version,
			Body: text + "\n\n" + text + more}
	}
	move := node.Move("rare-earths", liveblog.InTalks)
	move.Source = source
	acts := []liveblog.Act{
		move, node.Move("rare-earths", liveblog.Stalled),
		{Kind: liveblog.ActPosition, Party: "us", Track: "rare-earths", Speaker: "he-lifeng", Text: text,
			Source: source},
		{Kind: liveblog.ActPosition, Party: "china", Track: "chips", Text: text, Source: source},
		claim("pause", "reported", unbroken(120)), claim("truce", "denied", "claim:pause"),
		{Kind: liveblog.ActFigure, Figure: "average-tariff-" + strings.Repeat("x", 60), Value: unbroken(60),
			Unit: strings.Repeat("x", 30), Source: source},
		{Kind: liveblog.ActQuote, Speaker: "he-lifeng", Text: text, Original: text, Language: "zh-Hans",
			Translator: name,
			Record:     "background", Source: source},
		readout("us"), readout("china"), document("draft 1", ""), document("draft 2", "y"),
		{Kind: liveblog.ActSession, Session: "leaders", Status: liveblog.Postponed, Starts: &later},
	}
	body := "A " + text + "\n\n# " + text + "\n\n> " + text + "\n\n- " + text + "\n  - " + text +
		"\n\n1000000. " + text +
		"\n\n| " + text + " | b |\n|---|---|\n| " + text + " | " + text + " |\n\n`" + text + "`\n\n```\n" + text +
		"\n```\n\n**" + text + "** [" + text + "](https://news.example/) " + source + " " +
		strings.Repeat("关税", 200) + " " +
		strings.Repeat("관세율", 120)
	long := n.Editor
	long.Name = unbroken(80)
	post := func(in liveblog.EntryInput) {
		if _, _, err := n.Desk.Post(t.Context(), long, "summit", in, nil); err != nil {
			t.Fatal(err)
		}
	}
	post(liveblog.EntryInput{Headline: title, Body: body, KeyEvent: true, Pinned: true, Acts: liveblog.NewActs(acts)})
	post(liveblog.EntryInput{Headline: title, Body: body, Summary: true})
	post(liveblog.EntryInput{Body: text})
}

// Nothing that editors type widens a page: lines break within words if need be, and tables and code scroll in a frame
// of their own. It fails if, for example, the text of a position keeps the width of its longest word.
func TestNothingWidensAPage(t *testing.T) {
	t.Parallel()
	for language, width := range map[string]int64{"en": 360, "ko": 1280} {
		t.Run(fmt.Sprint(language, " ", width), func(t *testing.T) {
			t.Parallel()
			n := node.StartTalks(t)
			fillUnbroken(t, n)
			n.UpdateBlog("summit", liveblog.BlogPatch{Language: &language})
			p := browser.Blank(t)
			p.ExpectFailedRequests() // some pages are errors
			p.Do(browser.Size(width, 800))
			const email, password = "mara@example.org", "A password of twelve characters"
			n.AddEditor(email, password)
			p.GoTo(n.BaseURL + "/login")
			p.Run(fmt.Sprintf(`document.querySelector('[name=email]').value = %q
				document.querySelector('[name=password]').value = %q`, email, password))
			p.Run(`document.querySelector('form').submit()`)
			p.Until(`location.pathname === '/desk'`)
			for _, path := range append(node.PublicPages(), "/desk", "/desk/summit", "/desk/summit/settings",
				"/desk/summit/setup", "/desk/summit/entries/3") {
				p.GoTo(n.BaseURL + path)
				if wide := browser.Get[[]string](p, widening); len(wide) > 0 {
					t.Errorf("%s is widened by %s", path, strings.Join(wide, "\n\t"))
				}
			}
		})
	}
}

// widening lists the elements that reach out of the window and are clipped by no frame of their own, if the page
// scrolls sideways.
const widening = `(() => {
	if (document.documentElement.scrollWidth <= innerWidth) return []
	const clipped = (e) => {
		for (e = e.parentElement; e; e = e.parentElement) if (getComputedStyle(e).overflowX !== 'visible') return true
	}
	return [...document.querySelectorAll('body *')].filter((e) => {
		const { left, right } = e.getBoundingClientRect()
		return (right > innerWidth + 1 || left < -1) && !clipped(e) && !e.closest('.visually-hidden')
	}).map((e) => Math.round(e.getBoundingClientRect().right) + ' ' + e.outerHTML.slice(0, 90)).slice(0, 6)
})()`

// Korean lines break between words, Chinese and Japanese ones by the strict rules, and the numbers of a list are whole
// however wide they are. It fails without the styles for these languages, and with numbers outside of the list.
func TestLinesBreakAsTheLanguageAsks(t *testing.T) {
	t.Parallel()
	n := node.Start(t)
	p := browser.Blank(t)
	p.Do(browser.Size(360, 800))
	const korean = "미국과 중국은 희토류 수출통제와 반도체 관세를 둘러싼 고위급 무역협상을 경주에서 재개하기로 합의했다"
	for language, text := range map[string]string{"ko": korean, "ja": "日本語", "zh-Hans": "中文"} {
		slug := strings.ToLower(language)
		n.CreateBlog(slug, text)
		n.UpdateBlog(slug, liveblog.BlogPatch{Language: &language})
		n.Post(slug, liveblog.EntryInput{Headline: text, Body: text + "\n\n999. " + text + "\n1000. " + text})
		p.GoTo(n.BaseURL + "/live/" + slug)
		got := browser.Get[[]string](p, `(() => {
			const faults = []
			const range = document.createRange()
			for (const e of document.querySelectorAll('[data-title], .headline, .prose p')) {
				const { lineBreak } = getComputedStyle(e)
				if (document.documentElement.lang !== 'ko' && lineBreak !== 'strict') faults.push('lines break ' + lineBreak)
				const node = e.firstChild
				for (const { index, 0: word } of document.documentElement.lang === 'ko' ? node.data.matchAll(/\S+/g) : []) {
					range.setStart(node, index)
					range.setEnd(node, index + word.length)
					if (range.getClientRects().length !== 1) faults.push(e.className + ' breaks within ' + word)
				}
			}
			const list = document.querySelector('.prose ol')
			if (getComputedStyle(list).listStylePosition !== 'inside') faults.push('wide numbers stand outside of the list')
			return faults
		})()`)
		for _, fault := range got {
			t.Errorf("%s: %s", language, fault)
		}
	}
}
