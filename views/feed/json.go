package feed

import (
	"encoding/json"
	"time"
)

type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	NextURL     string       `json:"next_url,omitempty"`
	Description string       `json:"description,omitempty"`
	Language    string       `json:"language"`
	Authors     []jsonAuthor `json:"authors"`
	Items       []jsonItem   `json:"items"`
}

type jsonItem struct {
	ID            string       `json:"id"`
	URL           string       `json:"url"`
	Title         string       `json:"title"`
	ContentHTML   string       `json:"content_html"`
	Summary       string       `json:"summary,omitempty"`
	DatePublished string       `json:"date_published"`
	DateModified  string       `json:"date_modified"`
	Authors       []jsonAuthor `json:"authors,omitempty"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

// JSON returns the feed in the format JSON Feed 1.1, and when it was last updated.
func JSON(p Page) (body []byte, updated time.Time, err error) {
	f := newFeed(p)
	out := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: f.title, Description: f.subtitle, Language: f.language,
		HomePageURL: f.home, FeedURL: f.self, NextURL: f.next, Authors: []jsonAuthor{{f.author}}, Items: []jsonItem{},
	}
	for _, i := range f.items {
		item := jsonItem{
			ID: i.id, URL: i.link, Title: i.title, ContentHTML: i.html, Summary: i.summary,
			DatePublished: formatTime(i.published), DateModified: formatTime(i.updated),
		}
		if i.author != "" {
			item.Authors = []jsonAuthor{{i.author}}
		}
		out.Items = append(out.Items, item)
	}
	body, err = json.Marshal(out)
	return body, f.updated, err
}
