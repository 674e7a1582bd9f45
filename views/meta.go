package views

import (
	"strings"
	"time"

	"readout/views/words"
)

// Sizes of the images that assets/bundle draws, in pixels.
const (
	LogoPixels = 512
	CardWidth  = 1200
	CardHeight = 630
)

// Meta is what a public page tells browsers, search engines and link previews about itself.
type Meta struct {
	Site        Site
	Edition     *Edition // the page's blog; nil if it belongs to none
	Title       string   // without the publication's name
	Description string
	Path        string // canonical path; empty for a page without an address of its own, such as an error
	Article     bool
	Published   time.Time // zero for none
	Modified    time.Time
	Noindex     bool
	Script      bool // load the reader script
	Talks       bool // load the styles of the pages of the talks
	Embedded    bool // within a partner's page
	Data        any  // JSON-LD for search engines; nil for none

	// RenderBlockingID is the id of an element that browsers wait for before they paint. Pages need it whose grid
	// puts later elements above earlier ones, so that nothing moves while the page loads. Empty for none.
	RenderBlockingID string
}

func (m Meta) fullTitle() string {
	if m.Title == "" || m.Title == m.Site.Name {
		return m.Site.Name
	}
	return m.Title + " – " + m.Site.Name
}

// preview returns a text of the page for link previews, which show it without markup.
func (m Meta) preview(text string) string {
	if m.Edition == nil {
		return text
	}
	return Directed(text, m.Edition.Language)
}

// words returns the language of the interface texts around the page's content.
func (m Meta) words() *words.Language {
	if m.Edition == nil {
		return words.English()
	}
	return m.Edition.Words
}

// language returns the tag for the page's html element.
func (m Meta) language() string {
	if m.Edition != nil && m.Edition.inBlogLanguage {
		return m.Edition.Language
	}
	return m.words().Tag
}

// locale returns language and territory in OpenGraph's form, e.g. "en_US". It returns "" if the blog's language names
// no territory, because OpenGraph requires one.
func (m Meta) locale() string {
	if m.Edition == nil {
		return ""
	}
	parts := strings.Split(m.Edition.Language, "-")
	for _, part := range parts[1:] {
		switch len(part) {
		case 1:
			return "" // an extension begins
		case 2:
			return strings.ToLower(parts[0]) + "_" + strings.ToUpper(part)
		}
	}
	return ""
}

// openGraphType returns the value of og:type.
func (m Meta) openGraphType() string {
	if m.Article {
		return "article"
	}
	return "website"
}
