package liveblog

import (
	"context"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SearchStore finds entries by their words.
type SearchStore interface {
	// Search returns public entries of a blog that contain all terms of the query, newest first, at most limit. Entries
	// that were published in the same microsecond have any order that does not change. Before is the number of an entry
	// that is or was public, after which the results begin; 0 begins with the newest. If there is no such entry, the
	// error is [NotFound] with the field "before". A query without terms finds nothing. A search that begins after a
	// commit has returned sees its changes.
	Search(ctx context.Context, slug string, q SearchQuery, before, limit int) (Found, error)
}

// Found is one page of search results.
type Found struct {
	Blog    Blog
	Entries []Entry
	Older   bool // older results follow
}

// MaxSearch is the maximum length of a query in characters.
const MaxSearch = 200

// SearchQuery finds the entries that contain all of its terms. There are no operators.
type SearchQuery struct {
	Text  string // as it was typed, on one line
	Terms []SearchTerm
}

// SearchTerm is one word, or a sequence of adjacent characters of scripts without spaces between words.
type SearchTerm struct {
	Words  []string     // as in [Word.Text]; more than one only for unspaced characters
	Prefix bool         // whether the term also matches longer words that begin with it
	Or     []SearchTerm // single words any of which matches as well
}

// minPrefix is the minimum number of letters in a term that matches by prefix. It does not apply to Korean, which
// appends particles to words of one or two syllables. Numbers never match by prefix.
const minPrefix = 3

// ParseSearch parses a query. All characters but letters and digits only separate words, so the only error is that the
// text is too long: [Invalid] with the field "q".
func ParseSearch(text string) (SearchQuery, error) {
	text = strings.ToValidUTF8(text, " ")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	q := SearchQuery{Text: strings.Join(strings.Fields(text), " ")}
	if n := utf8.RuneCountInString(q.Text); n > MaxSearch {
		return SearchQuery{}, FieldErrorf(Invalid, "q", "The search has %d characters; %d is the limit.", n, MaxSearch)
	}
	joins := false // the next character can extend the last term
	for _, w := range Words(q.Text) {
		if w.Unspaced && !w.Gap && joins {
			last := &q.Terms[len(q.Terms)-1]
			last.Words = append(last.Words, w.Text)
			continue
		}
		term := SearchTerm{Words: []string{w.Text}, Prefix: !w.Unspaced && isPrefix(w.Text)}
		for _, form := range w.Also {
			term.Or = append(term.Or, SearchTerm{Words: []string{form}, Prefix: isPrefix(form)})
		}
		q.Terms = append(q.Terms, term)
		joins = w.Unspaced
	}
	slices.SortFunc(q.Terms, func(a, b SearchTerm) int { return slices.Compare(a.Words, b.Words) })
	q.Terms = slices.CompactFunc(q.Terms, func(a, b SearchTerm) bool { return slices.Equal(a.Words, b.Words) })
	return q, nil
}

func isPrefix(word string) bool {
	if strings.ContainsFunc(word, isHangul) {
		return true
	}
	return utf8.RuneCountInString(word) >= minPrefix && strings.ContainsFunc(word, unicode.IsLetter)
}

// Blank reports whether the query is empty.
func (q SearchQuery) Blank() bool { return q.Text == "" }

// Span is a part of a text, as byte offsets.
type Span struct{ Start, End int }

// Find returns the positions of the terms in a text, in order. Spans cover whole words and neither overlap nor touch.
func (q SearchQuery) Find(text string) (spans []Span) {
	words := Words(text)
	for i := range words {
		for _, t := range q.Terms {
			if n := t.match(words[i:]); n > 0 {
				spans = append(spans, Span{words[i].Start, words[i+n-1].End})
			}
		}
	}
	joined := spans[:0]
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && s.Start <= joined[last].End {
			joined[last].End = max(joined[last].End, s.End)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// match returns how many of the first words match the term, or 0 if the term does not match at the beginning of words.
func (t SearchTerm) match(words []Word) int {
	for _, or := range t.Or {
		if or.match(words) > 0 {
			return 1
		}
	}
	if len(words) < len(t.Words) {
		return 0
	}
	for i, want := range t.Words {
		if !t.matchForm(words[i], want) || i > 0 && (!words[i].Unspaced || words[i].Gap) {
			return 0
		}
	}
	return len(t.Words)
}

// matchForm reports whether a form of a word is the one that a term wants.
func (t SearchTerm) matchForm(w Word, want string) bool {
	is := func(form string) bool { return form == want || t.Prefix && strings.HasPrefix(form, want) }
	return is(w.Text) || slices.ContainsFunc(w.Also, is)
}

// Plain returns the term in the form of [Indexed.Words].
func (t SearchTerm) Plain() string { return strings.Join(t.Words, " ") }

// Pairs returns a term of several characters in the form of [Indexed.Pairs].
func (t SearchTerm) Pairs() string {
	pairs := make([]string, 0, len(t.Words))
	for i := 1; i < len(t.Words); i++ {
		pairs = append(pairs, t.Words[i-1]+t.Words[i])
	}
	return strings.Join(pairs, " ")
}

// Indexed returns the words that find an entry: those of its headline, its body, its author and its acts.
func (e Entry) Indexed() Indexed { return index(e.searched()) }

func (e Entry) searched() []string {
	return append([]string{e.Headline, markdownText(e.Body), e.Author}, e.Acts.Said()...)
}

// Said returns the texts that readers see in the acts, without names from the setup.
func (a Acts) Said() (texts []string) {
	for _, act := range a.List() {
		if act.Record == "off" {
			continue
		}
		attribution := act.Attribution
		if RestsOn(attribution) != "" {
			attribution = "" // another claim's id
		}
		value := strings.TrimSpace(act.Value + " " + act.Unit)
		said := []string{act.Text, act.Original, attribution, act.Translator, act.Version, act.Body, value}
		for _, text := range append(said, act.Points...) {
			if text != "" {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// These match the parts of Markdown that must not be indexed: link targets, and markup within words. All other markup
// separates words anyway.
var (
	linkTargets = regexp.MustCompile(`\]\(<?[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*>?(?:\s+"[^"\n]*")?\s*\)|` +
		`(?m:^ {0,3}\[[^\]\n]+\]:.*$)`)
	webAddress = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>]+`)
	emphasis   = strings.NewReplacer("**", "", "*", "", "~~", "", "`", "")
)

// markdownText returns approximately the text that readers see of Markdown.
func markdownText(body string) string {
	body = linkTargets.ReplaceAllString(body, "]")
	body = webAddress.ReplaceAllString(body, " ")
	return html.UnescapeString(emphasis.Replace(body))
}
