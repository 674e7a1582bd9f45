package partner

import (
	"context"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"
	"readout/views/feed"

	"github.com/gofiber/fiber/v2"
)

// Sitemap lists all pages, and the newest entries as far as there is room.
func (h *Handlers) Sitemap(c *fiber.Ctx) error {
	return h.sendSitemap(c, "sitemap", time.Unix(0, 0), feed.MaxSitemap,
		func(ctx context.Context, p feed.SitemapPage) ([]byte, error) {
			p.Talks = map[string][]string{}
			for _, b := range p.Blogs {
				_, t, err := h.Store.Talks(ctx, b.Slug, time.Time{})
				if err != nil {
					return nil, err
				}
				p.Talks[b.Slug] = feed.FilledTalks(&t)
			}
			return feed.Sitemap(p)
		})
}

// NewsSitemap lists the entries of the last two days, counted from the full hour.
func (h *Handlers) NewsSitemap(c *fiber.Ctx) error {
	return h.sendSitemap(c, "news", h.newsSince(), feed.MaxNews,
		func(_ context.Context, p feed.SitemapPage) ([]byte, error) { return feed.NewsSitemap(p) })
}

// newsSince is the time from which on entries and blogs are news.
func (h *Handlers) newsSince() time.Time {
	return h.Store.Now().Add(-feed.NewsAge).Truncate(time.Hour).Add(time.Hour)
}

// Robots tells crawlers which pages are not theirs, and where the sitemaps are. Search engines report an empty sitemap
// as an error, so it names the one of the news only if there are any. Crawlers leave a whole site without a robots.txt
// alone, so it does not fail with the store.
func (h *Handlers) Robots(c *fiber.Ctx) error {
	key := web.PageKey{Kind: web.SitemapKind, Name: "robots"}
	ctx, cancel := web.Within(h.StoreTimeout(key))
	defer cancel()
	blogs, err := h.Store.Blogs(ctx)
	if err != nil {
		return robotsPage(h.Site, true).Send(c)
	}
	since := h.newsSince()
	version := web.BlogsVersion(blogs, since.Unix())
	return h.SendPage(c, key, version, func(ctx context.Context) (web.Page, error) {
		news, err := h.hasNews(ctx, blogs, since)
		if err != nil {
			return web.Page{Representation: robotsPage(h.Site, true)}, nil
		}
		return web.Page{Version: version, Representation: robotsPage(h.Site, news)}, nil
	})
}

// hasNews reports whether the news sitemap has an address.
func (h *Handlers) hasNews(ctx context.Context, blogs []liveblog.Blog, since time.Time) (bool, error) {
	for _, b := range blogs {
		if b.StartedAt.After(since) {
			return true, nil
		}
	}
	entries, err := h.Store.Addresses(ctx, since, 1)
	return len(entries) > 0, err
}

func robotsPage(site views.Site, news bool) web.Representation {
	text := "User-agent: *\n"
	for _, path := range []string{"/desk", "/login", "/account", "/admin", "/invite/", "/setup/", "/api/"} {
		text += "Disallow: " + path + "\n"
	}
	text += "\nSitemap: " + site.BaseURL + "/sitemap.xml\n"
	if news {
		text += "Sitemap: " + site.BaseURL + "/sitemap-news.xml\n"
	}
	return web.NewRepresentation(fiber.MIMETextPlainCharsetUTF8, []byte(text))
}

func (h *Handlers) sendSitemap(c *fiber.Ctx, name string, since time.Time, limit int,
	write func(context.Context, feed.SitemapPage) ([]byte, error)) error {
	key := web.PageKey{Kind: web.SitemapKind, Name: name}
	ctx, cancel := web.Within(h.StoreTimeout(key))
	defer cancel()
	blogs, err := h.Store.Blogs(ctx)
	if err != nil {
		return h.SendStale(c, key, err)
	}
	version := web.BlogsVersion(blogs, since.Unix())
	return h.SendPage(c, key, version, func(ctx context.Context) (web.Page, error) {
		entries, err := h.Store.Addresses(ctx, since, limit)
		if err != nil {
			return web.Page{}, err
		}
		body, err := write(ctx, feed.SitemapPage{Site: h.Site, Blogs: blogs, Entries: entries, Since: since})
		if err != nil {
			return web.Page{}, err
		}
		return web.Page{Version: version,
			Representation: web.NewRepresentation("application/xml; charset=utf-8", body)}, nil
	})
}
