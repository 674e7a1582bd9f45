package partner

import (
	"context"
	"time"

	"readout/handlers/web"
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
	since := h.Store.Now().Add(-feed.NewsAge).Truncate(time.Hour).Add(time.Hour)
	return h.sendSitemap(c, "news", since, feed.MaxNews, func(_ context.Context, p feed.SitemapPage) ([]byte, error) {
		return feed.NewsSitemap(p)
	})
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
