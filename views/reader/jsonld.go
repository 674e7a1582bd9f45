package reader

import (
	"cmp"
	"time"

	"readout/assets"
	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"
)

// The JSON-LD that pages have for search engines, in the terms of schema.org: LiveBlogPosting and NewsArticle.

// thing is an object of schema.org.
type thing map[string]any

// structured is the JSON-LD of a page.
func structured(graph ...thing) any {
	return map[string]any{"@context": "https://schema.org", "@graph": graph}
}

// blogData is the JSON-LD of a blog's first page: the live blog with the entries that the page shows, and an article
// about the event.
func blogData(ed *views.Edition, site views.Site, p liveblog.Page) any {
	url := site.BaseURL + ed.Path()
	modified := ed.ChangedAt.UTC().Format(time.RFC3339)
	live := thing{
		"@type":            "LiveBlogPosting",
		"@id":              url + "#live",
		"headline":         ed.Title,
		"url":              url,
		"mainEntityOfPage": url,
		"inLanguage":       ed.Language,
		"datePublished":    ed.CoverageStart().Format(time.RFC3339),
		"dateModified":     modified,
		"author":           publisher(site),
		"publisher":        publisher(site),
		"image":            cardImage(site),
	}
	first, last := sessionTimes(p.Talks.Agenda)
	if start := cmp.Or(ed.StartedAt, first); !start.IsZero() {
		live["coverageStartTime"] = start.UTC().Format(time.RFC3339)
	}
	if event := eventOf(ed, first, last); event != nil {
		live["about"] = event
	}
	if ed.Standfirst != "" {
		live["description"] = ed.Standfirst
	}
	if !ed.EndedAt.IsZero() {
		live["coverageEndTime"] = ed.EndedAt.UTC().Format(time.RFC3339)
	}
	updates := make([]thing, len(p.Entries))
	for i, e := range p.Entries {
		updates[i] = posting(ed, site, e)
	}
	live["liveBlogUpdate"] = updates
	article := thing{
		"@type":            "NewsArticle",
		"@id":              url + "#article",
		"headline":         ed.Title,
		"url":              url,
		"mainEntityOfPage": url,
		"inLanguage":       ed.Language,
		"datePublished":    ed.CoverageStart().Format(time.RFC3339),
		"dateModified":     modified,
		"author":           publisher(site),
		"publisher":        publisher(site),
		"image":            cardImage(site),
	}
	if p.Head.Summary != nil {
		article["articleBody"] = markdown.Text(p.Head.Summary.Body)
	} else if ed.Standfirst != "" {
		article["description"] = ed.Standfirst
	}
	return structured(live, article)
}

// eventOf is the event that a blog covers. Search engines want to know where and when it is held, so it is nil if the
// blog has no venue with an address, and no session that takes place.
func eventOf(ed *views.Edition, first, last time.Time) thing {
	if ed.Venue == "" || ed.Address == "" || first.IsZero() {
		return nil
	}
	event := thing{
		"@type":     "Event",
		"name":      ed.Title,
		"startDate": ed.RFC3339(first),
		"location":  thing{"@type": "Place", "name": ed.Venue, "address": ed.Address},
	}
	if !last.IsZero() {
		event["endDate"] = ed.RFC3339(last)
	}
	return event
}

// sessionTimes returns when the first session begins and the last one ends, of those that are not cancelled. Either is
// zero if it is not known.
func sessionTimes(agenda []liveblog.SessionStanding) (first, last time.Time) {
	var latest time.Time // the latest start
	for _, s := range agenda {
		if s.Status == liveblog.Cancelled {
			continue
		}
		if first.IsZero() || s.From.Before(first) {
			first = s.From
		}
		if !s.From.Before(latest) {
			latest, last = s.From, time.Time{}
			if s.To != nil {
				last = *s.To
			}
		}
	}
	return first, last
}

// entryData is the JSON-LD of an entry's own page.
func entryData(ed *views.Edition, site views.Site, e liveblog.Entry) any {
	article := posting(ed, site, e)
	article["@type"] = "NewsArticle"
	article["mainEntityOfPage"] = article["url"]
	article["publisher"] = publisher(site)
	blog := site.BaseURL + ed.Path()
	article["isPartOf"] = thing{"@type": "LiveBlogPosting", "@id": blog + "#live", "url": blog, "headline": ed.Title}
	return structured(article)
}

// maxHeadline is the longest headline that search engines show, in characters.
const maxHeadline = 110

// posting is an entry. An entry with only a picture has no name, and gets the blog's title.
func posting(ed *views.Edition, site views.Site, e liveblog.Entry) thing {
	post := thing{
		"@type":         "BlogPosting",
		"headline":      cmp.Or(markdown.Clip(views.NameOf(e), maxHeadline), ed.Title),
		"url":           site.BaseURL + ed.EntryPath(e.Number),
		"articleBody":   cmp.Or(markdown.Text(e.Body), e.Headline),
		"datePublished": e.PublishedAt.UTC().Format(time.RFC3339),
		"dateModified":  e.UpdatedAt.UTC().Format(time.RFC3339),
		"inLanguage":    ed.Language,
		"author":        publisher(site),
		"image":         cardImage(site),
	}
	if e.Author != "" {
		path := streamPath(*ed, liveblog.PageQuery{Author: e.Author})
		post["author"] = thing{"@type": "Person", "name": e.Author, "url": site.BaseURL + path}
	}
	return post
}

func publisher(site views.Site) thing {
	return thing{
		"@type": "Organization", "name": site.Name, "url": site.BaseURL + "/",
		"logo": image(site, "logo.png", views.LogoPixels, views.LogoPixels),
	}
}

func cardImage(site views.Site) thing {
	return image(site, "card.png", views.CardWidth, views.CardHeight)
}

func image(site views.Site, asset string, width, height int) thing {
	return thing{"@type": "ImageObject", "url": site.BaseURL + assets.URL(asset), "width": width, "height": height}
}
