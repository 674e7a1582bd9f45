package reader

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"

	"github.com/a-h/templ"
)

// SearchPage is the results of a search in a blog.
type SearchPage struct {
	Site    views.Site
	Query   liveblog.SearchQuery
	Typed   string // what was typed, if it is too long; Query is empty then
	TooLong bool
	Before  int // as in liveblog.SearchStore
	Found   liveblog.Found
}

// title is the title of the page, without the publication's name.
func (p SearchPage) title(ed views.Edition) string {
	title := ed.Say("search") + " – " + ed.Title
	if !p.Query.Blank() {
		title = p.Query.Text + " – " + title
	}
	return title
}

func (p SearchPage) typed() string {
	if p.TooLong {
		return string([]rune(strings.ToValidUTF8(p.Typed, ""))[:liveblog.MaxSearch])
	}
	return p.Query.Text
}

// resultsPath is the address of the results older than the entry before, or of the newest if that is 0.
func resultsPath(ed views.Edition, q liveblog.SearchQuery, before int) templ.SafeURL {
	path := ed.SearchPath() + "?q=" + url.QueryEscape(q.Text)
	if before != 0 {
		path += "&before=" + strconv.Itoa(before)
	}
	return templ.SafeURL(path)
}

// inStream is the address of an entry in the stream, between its neighbors.
func inStream(ed views.Edition, number int) templ.SafeURL {
	n := strconv.Itoa(number)
	return templ.SafeURL(ed.Path() + "?around=" + n + "#entry-" + n)
}

// piece is a part of a plain text; it is marked if it matches the search.
type piece struct {
	text   string
	marked bool
}

// pieces splits a text at the spans within it, which it marks.
func pieces(text string, spans []liveblog.Span) (all []piece) {
	last := 0
	for _, s := range spans {
		if s.Start > last {
			all = append(all, piece{text: text[last:s.Start]})
		}
		all = append(all, piece{text: text[s.Start:s.End], marked: true})
		last = s.End
	}
	if last < len(text) {
		all = append(all, piece{text: text[last:]})
	}
	return all
}

// result is an entry that was found, with its texts in pieces.
type result struct {
	liveblog.Entry
	headline, excerpt, author []piece
}

func resultOf(q liveblog.SearchQuery, e liveblog.Entry) result {
	r := result{Entry: e, headline: pieces(e.Headline, q.Find(e.Headline)), author: pieces(e.Author, q.Find(e.Author))}
	body := markdown.Text(e.Body)
	r.excerpt = excerptAround(body, q.Find(body))
	if isMarked(r.headline) || isMarked(r.excerpt) {
		return r
	}
	for _, said := range e.Acts.Said() {
		said = strings.Join(strings.Fields(said), " ")
		if around := excerptAround(said, q.Find(said)); isMarked(around) {
			r.excerpt = around
			break
		}
	}
	return r
}

func isMarked(all []piece) bool {
	for _, p := range all {
		if p.marked {
			return true
		}
	}
	return false
}

// beforeMatch is the most characters that an excerpt has before the first match.
const beforeMatch = 60

// excerptAround returns the part of a text with the most different words of the spans, or its beginning if there are no
// spans.
func excerptAround(text string, spans []liveblog.Span) []piece {
	from := 0
	if len(spans) > 0 && utf8.RuneCountInString(text) > markdown.ExcerptRunes {
		from = startBefore(text, richest(text, spans))
	}
	to := from + len(markdown.Cut(text[from:], markdown.ExcerptRunes))
	var within []liveblog.Span
	for _, s := range spans {
		if s.Start >= from && s.End <= to {
			within = append(within, liveblog.Span{Start: s.Start - from, End: s.End - from})
		}
	}
	all := pieces(text[from:to], within)
	if from > 0 {
		all = append([]piece{{text: "… "}}, all...)
	}
	if to < len(text) {
		all = append(all, piece{text: " …"})
	}
	return all
}

// richest returns the start of the span that is followed by the most different matched words within an excerpt's
// length.
func richest(text string, spans []liveblog.Span) (start int) {
	most := 0
	for i, first := range spans[:min(len(spans), 100)] {
		near := map[string]bool{}
		for _, s := range spans[i:] {
			// This counts bytes, of which there are at least as many as characters, so it errs on the short side.
			if s.End-first.Start > markdown.ExcerptRunes-beforeMatch {
				break
			}
			near[strings.ToLower(text[s.Start:s.End])] = true
		}
		if len(near) > most {
			start, most = first.Start, len(near)
		}
	}
	if most == 0 {
		return spans[0].Start
	}
	return start
}

// startBefore returns an offset at most beforeMatch characters before at: the start of a sentence if there is one, else
// of a word.
func startBefore(text string, at int) int {
	start, word := at, at
	for n := 0; n < beforeMatch && start > 0; n++ {
		r, size := utf8.DecodeLastRuneInString(text[:start])
		if strings.ContainsRune("。！？", r) || start < at && strings.HasSuffix(text[:start], ". ") {
			return start
		}
		start -= size
		if unicode.IsSpace(r) {
			word = start + size
		}
	}
	if start == 0 || word == at { // a script without spaces
		return min(markdown.ClusterFrom(text, start), at)
	}
	return word
}
