package views

import (
	"strings"
	"time"

	"readout/views/words"
)

// Sizes of the pictures that the bundle draws, in pixels.
const (
	LogoPixels = 512
	CardWidth  = 1200
	CardHeight = 630
)

// Meta is what a public page says about itself to browsers, search engines and cards.
type Meta struct {
	Site        Site
	Edition     *Edition // of the blog that the page belongs to; nil where it belongs to none
	Title       string   // without the publication's name
	Description string
	Path        string // canonical, from the root; empty for a page that has no address of its own
	Article     bool
	Published   time.Time // zero where it has none
	Modified    time.Time
	Noindex     bool
	Script      bool   // the reader script
	Talks       bool   // the style of the talks' own pages
	Embedded    bool   // within a partner's page
	Whole       string // the id of the element that is waited for before anything is drawn, where the grid places parts above earlier ones
	Data        any    // what search engines are told, as JSON-LD; nil for nothing
}

func (m Meta) fullTitle() string {
	if m.Title == "" || m.Title == m.Site.Name {
		return m.Site.Name
	}
	return m.Title + " – " + m.Site.Name
}

// words are those around the page's own content, and language and direction theirs.
func (m Meta) words() *words.Language {
	if m.Edition == nil {
		return words.English()
	}
	return m.Edition.Words
}

func (m Meta) language() string {
	if m.Edition != nil && m.Edition.own {
		return m.Edition.Language
	}
	return m.words().Tag
}

// locale is language and territory as OpenGraph writes them, "" where no territory is named: it knows no language without a territory.
func (m Meta) locale() string {
	if m.Edition == nil {
		return ""
	}
	parts := strings.Split(m.Edition.Language, "-")
	for _, part := range parts[1:] {
		switch len(part) {
		case 1:
			return "" // what follows is of no interest here
		case 2:
			return strings.ToLower(parts[0]) + "_" + strings.ToUpper(part)
		}
	}
	return ""
}

func (m Meta) kind() string {
	if m.Article {
		return "article"
	}
	return "website"
}
