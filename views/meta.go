package views

import (
	"strings"
	"time"

	"readout/views/words"
)

// Sizes of the pictures that the bundle draws, in pixels.
const (
	logoPixels = 512
	cardWidth  = 1200
	cardHeight = 630
)

// meta is what a public page says about itself to browsers, search engines and cards.
type meta struct {
	site        Site
	edition     *edition // of the blog that the page belongs to; nil where it belongs to none
	title       string   // without the publication's name
	description string
	path        string // canonical, from the root; empty for a page that has no address of its own
	article     bool
	published   time.Time // zero where it has none
	modified    time.Time
	noindex     bool
	script      bool   // the reader script
	talks       bool   // the style of the talks' own pages
	embedded    bool   // within a partner's page
	whole       string // the id of the element that is waited for before anything is drawn, where the grid places parts above earlier ones
	data        any    // what search engines are told, as JSON-LD; nil for nothing
}

func (m meta) fullTitle() string {
	if m.title == "" || m.title == m.site.Name {
		return m.site.Name
	}
	return m.title + " – " + m.site.Name
}

// words are those around the page's own content, and language and direction theirs.
func (m meta) words() *words.Language {
	if m.edition == nil {
		return words.English()
	}
	return m.edition.words
}

func (m meta) language() string {
	if m.edition != nil && m.edition.own {
		return m.edition.Language
	}
	return m.words().Tag
}

// locale is language and territory as OpenGraph writes them, "" where no territory is named: it knows no language without a territory.
func (m meta) locale() string {
	if m.edition == nil {
		return ""
	}
	parts := strings.Split(m.edition.Language, "-")
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

func (m meta) kind() string {
	if m.article {
		return "article"
	}
	return "website"
}
