package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"

	"github.com/gofiber/fiber/v2"
)

func sendEntry(c *fiber.Ctx, status int, e liveblog.Entry) error {
	c.Set(fiber.HeaderETag, web.RevisionTag(e.Revision))
	return web.SendJSON(c, status, data.EntryOf(e))
}

// How much a list holds.
const (
	defaultEntries = 20
	maxListed      = 100     // entries or revisions
	maxListedBytes = 4 << 20 // of JSON; the one that passes it is the last
)

// listWindow reads from the query which part of a list is asked for: the highest below before (0: from the top), at most
// limit.
func listWindow(c *fiber.Ctx, standard int) (before, limit int, err error) {
	if before, err = web.QueryNumber(c, "before"); err != nil {
		return 0, 0, err
	}
	if limit, err = web.QueryNumber(c, "limit"); err != nil {
		return 0, 0, err
	}
	if limit > maxListed {
		return 0, 0, liveblog.FieldErrorf(liveblog.Malformed, "limit", "“limit” must be a number from 1 to %d.", maxListed)
	}
	return before, cmp.Or(limit, standard), nil
}

// listed returns as JSON those of the entries that the actor may read, as far as limit and [maxListedBytes] go, how many
// entries that took, and whether there are more.
func listed(a liveblog.Actor, entries []liveblog.Entry, limit int) (list []json.RawMessage, taken int, older bool, err error) {
	list = []json.RawMessage{}
	size := 0
	for i, e := range entries {
		if i == limit || size > maxListedBytes {
			return list, i, true, nil
		}
		if !liveblog.MayRead(a, e) {
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

// linkNext tells a client where a list goes on.
func linkNext(c *fiber.Ctx, path string, before, limit int) {
	c.Set(fiber.HeaderLink, fmt.Sprintf(`</api/v1/blogs/%s?before=%d&limit=%d>; rel="next"`, path, before, limit))
}

// ListEntries answers with entries of any status but removed, the highest number first, at most as many as asked
// for; those that the asker may not read are left out. "older" says that more follow, and the Link header where.
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
	list, taken, older, err := listed(actor(c), entries, limit)
	if err != nil {
		return err
	}
	if older {
		linkNext(c, slug+"/entries", entries[taken-1].Number, limit)
	}
	return web.SendJSON(c, http.StatusOK, map[string]any{"entries": list, "older": older})
}

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
	e, replayed, err := h.Desk.Post(ctx, actor(c), slug, liveblog.EntryInput{Headline: value(p.Headline), Body: value(p.Body),
		KeyEvent: value(p.KeyEvent), Pinned: value(p.Pinned), Summary: value(p.Summary), Acts: value(p.Acts), Status: value(p.Status)}, key)
	if err != nil {
		return err
	}
	if replayed {
		c.Set("Idempotency-Replayed", "true")
	}
	c.Set(fiber.HeaderLocation, "/api/v1/blogs/"+slug+"/entries/"+strconv.Itoa(e.Number))
	return sendEntry(c, http.StatusCreated, e)
}

// GetEntry answers for a removed entry with 410; its revisions can still be read.
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

func (h *Handlers) EditEntry(c *fiber.Ctx) error {
	number, base, err := revisionParams(c)
	if err != nil {
		return err
	}
	var p liveblog.EntryPatch
	names := entryFields(&p)
	names["correction"] = &p.Correction // which a new entry cannot have
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

// ListRevisions answers with the states that an entry was in, the newest first, at most as many as asked for. For
// contributors the history of another's entry begins with its publication. "older" says that more follow, and the Link
// header where.
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
	list, taken, older, err := listed(actor(c), revisions, limit)
	if err != nil {
		return err
	}
	if older {
		linkNext(c, fmt.Sprintf("%s/entries/%d/revisions", slug, number), revisions[taken-1].Revision, limit)
	}
	return web.SendJSON(c, http.StatusOK, map[string]any{"revisions": list, "older": older})
}

func entryFields(p *liveblog.EntryPatch) web.Fields {
	return web.Fields{"headline": &p.Headline, "body": &p.Body, "key_event": &p.KeyEvent, "pinned": &p.Pinned, "summary": &p.Summary, "status": &p.Status,
		"acts": &actsMember{&p.Acts}}
}

// revisionParams reads which entry a write is for and which revision it takes for the current one; 0 where it does
// not say.
func revisionParams(c *fiber.Ctx) (number, base int, err error) {
	if number, err = web.PathNumber(c); err != nil {
		return 0, 0, err
	}
	if len(c.Request().Header.PeekAll(fiber.HeaderIfMatch)) == 0 {
		return number, 0, nil
	}
	base, err = web.ParseIfMatch(web.HeaderList(c, fiber.HeaderIfMatch))
	return number, base, err
}

// withCurrent adds the current revision to a refusal for a stale one. Should it have become stale once more since,
// the next attempt says so.
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
