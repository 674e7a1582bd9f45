package feed

import (
	"cmp"
	"encoding/xml"
	"time"
)

type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Content string     `xml:"xmlns:content,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title         string     `xml:"title"`
	Link          string     `xml:"link"`
	Description   string     `xml:"description"`
	Language      string     `xml:"language"`
	LastBuildDate string     `xml:"lastBuildDate"`
	TTL           int        `xml:"ttl"` // minutes
	Pages         []atomLink `xml:"atom:link"`
	Items         []rssItem  `xml:"item"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	GUID        rssGUID `xml:"guid"`
	PubDate     string  `xml:"pubDate"`
	Updated     string  `xml:"atom:updated"` // RSS has no element of its own for it
	Creator     string  `xml:"dc:creator"`   // RSS's own author element is an e-mail address
	Description string  `xml:"description"`
	Content     string  `xml:"content:encoded"`
}

type rssGUID struct {
	IsPermaLink bool   `xml:"isPermaLink,attr"`
	ID          string `xml:",chardata"`
}

// RSS returns the feed in the format RSS 2.0, and when it was last updated. Whole entries are in content:encoded.
func RSS(p Page) (body []byte, updated time.Time, err error) {
	f := newFeed(p)
	out := rssFeed{
		Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Content: "http://purl.org/rss/1.0/modules/content/",
		DC: "http://purl.org/dc/elements/1.1/",
		Channel: rssChannel{
			Title: f.title, Link: f.home, Description: cmp.Or(f.subtitle, f.title), Language: f.language,
			LastBuildDate: rssDate(f.updated), TTL: 1, Pages: f.pageLinks("application/rss+xml"),
		},
	}
	for _, i := range f.items {
		out.Channel.Items = append(out.Channel.Items, rssItem{
			Title: i.title, Link: i.link, GUID: rssGUID{false, i.id},
			PubDate: rssDate(i.published), Updated: formatTime(i.updated),
			Creator: cmp.Or(i.author, f.author), Description: i.summary, Content: i.html,
		})
	}
	body, err = marshalXML(out)
	return body, f.updated, err
}

func rssDate(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }
