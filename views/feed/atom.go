package feed

import (
	"encoding/xml"
	"time"
)

type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Author   atomPerson  `xml:"author"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Link      atomLink    `xml:"link"`
	Published string      `xml:"published"`
	Updated   string      `xml:"updated"`
	Author    *atomPerson `xml:"author"`
	Summary   string      `xml:"summary,omitempty"`
	Content   atomContent `xml:"content"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

// Atom returns the feed in Atom's format (RFC 4287), and when it was last updated.
func Atom(p Page) (body []byte, updated time.Time, err error) {
	f := newFeed(p)
	out := atomFeed{
		Language: f.language, ID: f.id, Title: f.title, Subtitle: f.subtitle, Updated: formatTime(f.updated),
		Author: atomPerson{f.author},
		Links:  append(f.pageLinks("application/atom+xml"), atomLink{"alternate", "text/html", f.home}),
	}
	for _, i := range f.items {
		e := atomEntry{
			ID: i.id, Title: i.title, Link: atomLink{"alternate", "text/html", i.link},
			Published: formatTime(i.published), Updated: formatTime(i.updated),
			Summary: i.summary, Content: atomContent{"html", i.html},
		}
		if i.author != "" {
			e.Author = &atomPerson{i.author}
		}
		out.Entries = append(out.Entries, e)
	}
	body, err = marshalXML(out)
	return body, f.updated, err
}

// pageLinks are the links between the pages of a feed (RFC 5005, section 3).
func (f feed) pageLinks(contentType string) []atomLink {
	links := []atomLink{{"self", contentType, f.self}}
	if f.first != "" {
		links = append(links, atomLink{"first", contentType, f.first})
	}
	if f.next != "" {
		links = append(links, atomLink{"next", contentType, f.next})
	}
	return links
}

// formatTime formats a time by RFC 3339 with microseconds, so that two changes within a second differ.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }

func marshalXML(v any) ([]byte, error) {
	body, err := xml.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), body...), nil
}
