package data

import (
	"time"

	"readout/liveblog"
	"readout/views"
)

// Blog is the JSON form of a blog.
type Blog struct {
	Slug       string              `json:"slug"`
	Title      string              `json:"title"`
	Standfirst string              `json:"standfirst"`
	Status     liveblog.BlogStatus `json:"status"`
	TimeZone   string              `json:"time_zone"`
	Language   string              `json:"language"`
	Venue      string              `json:"venue,omitempty"`
	Address    string              `json:"address,omitempty"`
	Cursor     string              `json:"cursor"`
	CreatedAt  time.Time           `json:"created_at"`
	UpdatedAt  time.Time           `json:"updated_at"`
	URL        string              `json:"url"` // the readers' page
}

// BlogOf returns the JSON form of a blog.
func BlogOf(site views.Site, b liveblog.Blog) Blog {
	return Blog{Slug: b.Slug, Title: b.Title, Standfirst: b.Standfirst, Status: b.Status, TimeZone: b.TimeZone,
		Language: b.Language, Venue: b.Venue, Address: b.Address,
		Cursor: b.Cursor.String(), CreatedAt: b.CreatedAt.UTC(), UpdatedAt: b.UpdatedAt.UTC(),
		URL: site.BaseURL + "/live/" + b.Slug}
}
