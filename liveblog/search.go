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
	// Search returns the public entries of a blog that have all terms of the query, the newest first, at most limit; those
	// of one microsecond stand in any order that lasts. Before is the number of an entry, public once, after which the results
	// begin; 0: the newest. No such entry: [NotFound], field "before". A query without terms finds nothing. What a commit
	// changes is found when it returns.
	Search(ctx context.Context, slug string, q SearchQuery, before, limit int) (Found, error)
}

// Found is one page of what a search has found.
type Found struct {
	Blog    Blog
	Entries []Entry
	Older   bool // more follow, which are older
}

// MaxSearch is how many characters a search takes.
const MaxSearch = 200

// SearchQuery is what somebody looks for: entries that have all of its terms. There are no operators.
type SearchQuery struct {
	Text  string // on one line, as it was typed
	Terms []SearchTerm
}

// SearchTerm is one word, or characters that stand side by side.
type SearchTerm struct {
	Words  []string // as in [Word.Text]; several only of signs
	Prefix bool     // words that begin so are meant as well
}

// minPrefix is how many letters a word needs to stand for all that begin so. Korean adds its particles to words of two
// syllables or one, so there every word does; a number is meant as it is.
const minPrefix = 3

// ParseSearch reads a query. What is no letter and no digit only divides words, so nothing is wrong but a text that is
// too long: [Invalid], field "q".
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
	joins := false // the term before takes the next sign
	for _, w := range Words(q.Text) {
		if w.Sign && !w.Apart && joins {
			last := &q.Terms[len(q.Terms)-1]
			last.Words = append(last.Words, w.Text)
			continue
		}
		q.Terms = append(q.Terms, SearchTerm{Words: []string{w.Text}, Prefix: !w.Sign && isPrefix(w.Text)})
		joins = w.Sign
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

// Blank reports whether nothing is looked for.
func (q SearchQuery) Blank() bool { return q.Text == "" }

// Span is a part of a text, in bytes.
type Span struct{ Start, End int }

// Find returns where the terms stand in a text, whole words in their order; spans neither overlap nor touch.
func (q SearchQuery) Find(text string) (spans []Span) {
	words := Words(text)
	for i := range words {
		for _, t := range q.Terms {
			if n := t.at(words[i:]); n > 0 {
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

// at returns how many words the term is that stands where words begin, 0 where it does not.
func (t SearchTerm) at(words []Word) int {
	if len(words) < len(t.Words) {
		return 0
	}
	for i, want := range t.Words {
		w := words[i]
		if w.Text != want && !(t.Prefix && strings.HasPrefix(w.Text, want)) || i > 0 && (!w.Sign || w.Apart) {
			return 0
		}
	}
	return len(t.Words)
}

// Plain returns the term as it stands in [Indexed.Words].
func (t SearchTerm) Plain() string { return strings.Join(t.Words, " ") }

// Pairs returns a term of several signs as it stands in [Indexed.Pairs].
func (t SearchTerm) Pairs() string {
	pairs := make([]string, 0, len(t.Words))
	for i := 1; i < len(t.Words); i++ {
		pairs = append(pairs, t.Words[i-1]+t.Words[i])
	}
	return strings.Join(pairs, " ")
}

// Indexed returns what an entry is found by: the words of its headline, its body, its author and what its acts say.
func (e Entry) Indexed() Indexed { return index(e.searched()) }

func (e Entry) searched() []string {
	return append([]string{e.Headline, markdownText(e.Body), e.Author}, e.Acts.Said()...)
}

// Said returns what readers of an entry read in its acts, but for names that the setup gives.
func (a Acts) Said() (texts []string) {
	for _, act := range a.List() {
		if act.Record == "off" {
			continue
		}
		attribution := act.Attribution
		if RestsOn(attribution) != "" {
			attribution = "" // another claim's id
		}
		for _, text := range append([]string{act.Text, act.Original, attribution, act.Translator, act.Version, act.Body,
			strings.TrimSpace(act.Value + " " + act.Unit)}, act.Points...) {
			if text != "" {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// What of Markdown is not read as words: where links lead, and signs within words. All other signs divide words as it is.
var (
	linkTargets = regexp.MustCompile(`\]\(<?[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*>?(?:\s+"[^"\n]*")?\s*\)|(?m:^ {0,3}\[[^\]\n]+\]:.*$)`)
	webAddress  = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>]+`)
	emphasis    = strings.NewReplacer("**", "", "*", "", "~~", "", "`", "")
)

// markdownText returns the words of Markdown, nearly as they are shown.
func markdownText(body string) string {
	body = linkTargets.ReplaceAllString(body, "]")
	body = webAddress.ReplaceAllString(body, " ")
	return html.UnescapeString(emphasis.Replace(body))
}
