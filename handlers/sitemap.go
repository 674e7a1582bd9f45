package handlers

import (
	"context"
	"time"

	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// sitemap lists all pages; entries are in it as far as there is room, the newest first.
func (h *partnerHandlers) sitemap(c *fiber.Ctx) error {
	return h.sendSitemap(c, "sitemap", time.Unix(0, 0), views.MaxSitemap, func(ctx context.Context, p views.SitemapPage) ([]byte, error) {
		p.Talks = map[string][]string{}
		for _, b := range p.Blogs {
			_, t, err := h.Store.Talks(ctx, b.Slug, time.Time{})
			if err != nil {
				return nil, err
			}
			p.Talks[b.Slug] = views.FilledTalks(&t)
		}
		return views.Sitemap(p)
	})
}

// newsSitemap lists what came in the last two days, to the hour.
func (h *partnerHandlers) newsSitemap(c *fiber.Ctx) error {
	since := time.Now().Add(-views.NewsAge).Truncate(time.Hour).Add(time.Hour)
	return h.sendSitemap(c, "news", since, views.MaxNews, func(_ context.Context, p views.SitemapPage) ([]byte, error) {
		return views.NewsSitemap(p)
	})
}

func (h *partnerHandlers) sendSitemap(c *fiber.Ctx, name string, since time.Time, limit int, write func(context.Context, views.SitemapPage) ([]byte, error)) error {
	key := pageKey{kind: sitemapKind, name: name}
	ctx, cancel := within(h.freshness(key))
	defer cancel()
	blogs, err := h.Store.Blogs(ctx)
	if err != nil {
		return h.sendStale(c, key, err)
	}
	version := blogsVersion(blogs, since.Unix())
	return h.sendPage(c, key, version, func(ctx context.Context) (page, error) {
		entries, err := h.Store.Addresses(ctx, since, limit)
		if err != nil {
			return page{}, err
		}
		body, err := write(ctx, views.SitemapPage{Site: h.Site, Blogs: blogs, Entries: entries, Since: since})
		if err != nil {
			return page{}, err
		}
		return page{version, represent("application/xml; charset=utf-8", body)}, nil
	})
}
