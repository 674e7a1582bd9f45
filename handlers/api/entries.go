package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"

	"github.com/gofiber/fiber/v2"
)

func sendEntry(c *fiber.Ctx, status int, e liveblog.Entry) error {
	c.Set(fiber.HeaderETag, web.RevisionTag(e.Revision))
	return web.SendJSON(c, status, data.EntryOf(e))
}

// Limits of lists.
const (
	defaultEntries = 20
	maxListed      = 100     // entries or revisions
	maxListedBytes = 4 << 20 // of JSON; the item that exceeds it is the last one
)

// listWindow reads from the query which part of a list to return: the items below before (0: from the top), at most
// limit of them.
func listWindow(c *fiber.Ctx, defaultLimit int) (before, limit int, err error) {
	if before, err = web.QueryNumber(c, "before"); err != nil {
		return 0, 0, err
	}
	if limit, err = web.QueryNumber(c, "limit"); err != nil {
		return 0, 0, err
	}
	if limit > maxListed {
		return 0, 0, liveblog.FieldErrorf(liveblog.Malformed, "limit", "“limit” must be a number from 1 to %d.",
			maxListed)
	}
	return before, cmp.Or(limit, defaultLimit), nil
}

// encodeList encodes the entries that the actor may read, until limit or [maxListedBytes] is reached. It also returns
// how many of the entries that covers, and whether there are more.
func encodeList(by liveblog.Actor, slug string, entries []liveblog.Entry, limit int) (
	list []json.RawMessage, covered int, older bool, err error) {
	list = []json.RawMessage{}
	size := 0
	for i, e := range entries {
		if i == limit || size > maxListedBytes {
			return list, i, true, nil
		}
		if !liveblog.MayRead(by, slug, e) {
			continue
		}
		text, err := json.Marshal(data.EntryOf(e))
		if err != nil {
			return nil, 0, false, &liveblog.Error{Code: liveblog.Internal, Err: err}
		}
		list = append(list, text)
		size += len(text)
	}
	return list, len(entries), false, nil
}

// linkNext sets the Link header to the next part of a list.
func linkNext(c *fiber.Ctx, path string, before, limit int) {
	c.Set(fiber.HeaderLink, fmt.Sprintf(`</api/v1/blogs/%s?before=%d&limit=%d>; rel="next"`, path, before, limit))
}

// ListEntries answers with entries of every status except removed, highest number first, without those that the actor
// may not read. If there are more, "older" is true and the Link header names the next page.
func (h *Handlers) ListEntries(c *fiber.Ctx) error {
	before, limit, err := listWindow(c, defaultEntries)
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	slug := c.Params("slug")
	entries, err := h.Store.Entries(ctx, slug, before, limit+1)
	if err != nil {
		return err
	}
	list, covered, older, err := encodeList(actor(c), slug, entries, limit)
	if err != nil {
		return err
	}
	if older {
		linkNext(c, slug+"/entries", entries[covered-1].Number, limit)
	}
	return web.SendJSON(c, http.StatusOK, map[string]any{"entries": list, "older": older})
}

// PostEntry adds an entry. A request with an idempotency key that was used before gets the entry of the first request.
func (h *Handlers) PostEntry(c *fiber.Ctx) error {
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	var p liveblog.EntryPatch
	if err := web.DecodeBody(c, entryFields(&p)); err != nil {
		return err
	}
	if err := notEmpty("status", p.Status); err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	slug := c.Params("slug")
	e, replayed, err := h.Desk.Post(ctx, actor(c), slug,
		liveblog.EntryInput{
			Headline: value(p.Headline),
			Body:     value(p.Body),
			KeyEvent: value(p.KeyEvent),
			Pinned:   value(p.Pinned),
			Summary:  value(p.Summary),
			Acts:     value(p.Acts),
			Status:   value(p.Status),
			Alone:    p.Alone,

			Byline: value(p.Byline), HappenedAt: value(p.HappenedAt),
		}, key)
	if err != nil {
		return err
	}
	if replayed {
		c.Set("Idempotency-Replayed", "true")
	}
	c.Set(fiber.HeaderLocation, "/api/v1/blogs/"+slug+"/entries/"+strconv.Itoa(e.Number))
	return sendEntry(c, http.StatusCreated, e)
}

// GetEntry answers with one entry, or with 410 if it has been removed; its revisions can still be read.
func (h *Handlers) GetEntry(c *fiber.Ctx) error {
	number, err := web.PathNumber(c)
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	e, err := liveblog.ReadableEntry(ctx, h.Store, actor(c), c.Params("slug"), number)
	if err != nil {
		return err
	}
	if e.Status == liveblog.Removed {
		return liveblog.FieldErrorf(liveblog.Gone, "number", "Entry %d has been removed.", number)
	}
	if tag := web.RevisionTag(e.Revision); web.NotModified(c, tag) {
		c.Set(fiber.HeaderETag, tag)
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
		return nil
	}
	return sendEntry(c, http.StatusOK, e)
}

// EditEntry changes the fields that the body has. If the request has If-Match, the entry must be at that revision.
func (h *Handlers) EditEntry(c *fiber.Ctx) error {
	number, base, err := revisionParams(c)
	if err != nil {
		return err
	}
	var p liveblog.EntryPatch
	names := entryFields(&p)
	names["correction"] = &p.Correction // only an edit can be a correction
	if err := web.DecodeBody(c, names); err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	slug := c.Params("slug")
	e, err := h.Desk.Edit(ctx, actor(c), slug, number, p, base)
	if err != nil {
		return h.withCurrent(slug, number, err)
	}
	return sendEntry(c, http.StatusOK, e)
}

// RemoveEntry removes an entry. If the request has If-Match, the entry must be at that revision.
func (h *Handlers) RemoveEntry(c *fiber.Ctx) error {
	number, base, err := revisionParams(c)
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	slug := c.Params("slug")
	if _, err := h.Desk.Remove(ctx, actor(c), slug, number, base); err != nil {
		return h.withCurrent(slug, number, err)
	}
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	return c.SendStatus(http.StatusNoContent)
}

// ListRevisions answers with the revisions of an entry, newest first. Contributors see other people's entries from
// their publication on. If there are more, "older" is true and the Link header names the next page.
func (h *Handlers) ListRevisions(c *fiber.Ctx) error {
	number, err := web.PathNumber(c)
	if err != nil {
		return err
	}
	before, limit, err := listWindow(c, maxListed)
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	slug := c.Params("slug")
	if _, err := liveblog.ReadableEntry(ctx, h.Store, actor(c), slug, number); err != nil {
		return err
	}
	revisions, err := h.Store.Revisions(ctx, slug, number, before, limit+1)
	if err != nil {
		return err
	}
	list, covered, older, err := encodeList(actor(c), slug, revisions, limit)
	if err != nil {
		return err
	}
	if older {
		linkNext(c, fmt.Sprintf("%s/entries/%d/revisions", slug, number), revisions[covered-1].Revision, limit)
	}
	return web.SendJSON(c, http.StatusOK, map[string]any{"revisions": list, "older": older})
}

func entryFields(p *liveblog.EntryPatch) web.Fields {
	return web.Fields{
		"headline":  &p.Headline,
		"body":      &p.Body,
		"key_event": &p.KeyEvent,
		"pinned":    &p.Pinned,
		"summary":   &p.Summary,
		"status":    &p.Status,
		"acts":      &actsMember{&p.Acts},
		"alone":     &p.Alone,

		"byline":      &p.Byline,
		"happened_at": &momentMember{&p.HappenedAt},
	}
}

// momentMember decodes a time of a request; "" is no time.
type momentMember struct{ into **time.Time }

// UnmarshalJSON implements [json.Unmarshaler].
func (m momentMember) UnmarshalJSON(text []byte) error {
	at := time.Time{}
	if string(text) != `""` {
		if err := json.Unmarshal(text, &at); err != nil {
			return err
		}
	}
	*m.into = &at
	return nil
}

// JSONType describes the field's type in an error message.
func (momentMember) JSONType() string { return "a time such as 2025-10-30T14:05:00Z, or empty" }

// revisionParams returns the number of the entry that a write is for, and the revision in If-Match, or 0 if it has
// none.
func revisionParams(c *fiber.Ctx) (number, base int, err error) {
	if number, err = web.PathNumber(c); err != nil {
		return 0, 0, err
	}
	if len(c.Request().Header.PeekAll(fiber.HeaderIfMatch)) == 0 {
		return number, 0, nil
	}
	base, err = web.ParseIfMatch(c.Get(fiber.HeaderIfMatch))
	return number, base, err
}

// withCurrent adds the entry's current revision to a [liveblog.Stale] error. If the entry changes again meanwhile,
// the client's next attempt fails with the newer one.
func (h *Handlers) withCurrent(slug string, number int, err error) error {
	if liveblog.CodeOf(err) != liveblog.Stale {
		return err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	e, readErr := h.Store.Entry(ctx, slug, number)
	if readErr != nil {
		return err
	}
	return &web.StaleEntry{Err: err, Current: e.Revision}
}
