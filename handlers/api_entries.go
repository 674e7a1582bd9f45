package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// entryData is an entry as the API and the wire's JSON format show it.
type entryData struct {
	Number      int                  `json:"number"`
	Revision    int                  `json:"revision"`
	Headline    string               `json:"headline"`
	Body        string               `json:"body"` // Markdown
	HTML        string               `json:"html"` // the body, safe
	Author      string               `json:"author"`
	KeyEvent    bool                 `json:"key_event"`
	Pinned      bool                 `json:"pinned"`
	Summary     bool                 `json:"summary"`
	Status      liveblog.EntryStatus `json:"status"`
	PublishedAt *time.Time           `json:"published_at"` // null while it has never been public
	UpdatedAt   time.Time            `json:"updated_at"`
	Acts        []liveblog.Act       `json:"acts"`
	Correction  *correctionData      `json:"correction,omitempty"` // the latest
}

// correctionData is what readers were told of a correction, and what the entry said before.
type correctionData struct {
	At   time.Time `json:"at"`
	Note string    `json:"note"`
	Was  struct {
		Headline string `json:"headline"`
		Body     string `json:"body"` // Markdown
	} `json:"was"`
}

// EntryData returns an entry as JSON shows it, in the API and on the wire.
func EntryData(_ liveblog.Blog, e liveblog.Entry) any {
	d := entryData{Number: e.Number, Revision: e.Revision, Headline: e.Headline, Body: e.Body, HTML: views.Markdown(e.Body),
		Author: e.Author, KeyEvent: e.KeyEvent, Pinned: e.Pinned, Summary: e.Summary, Status: e.Status,
		UpdatedAt: e.UpdatedAt.UTC(), Acts: listOf(e.Acts.List())}
	if !e.PublishedAt.IsZero() {
		at := e.PublishedAt.UTC()
		d.PublishedAt = &at
	}
	if e.Corrected() {
		d.Correction = &correctionData{At: e.Correction.At.UTC(), Note: e.Correction.Note}
		d.Correction.Was.Headline, d.Correction.Was.Body = e.Correction.Headline, e.Correction.Body
	}
	return d
}

func sendEntry(c *fiber.Ctx, status int, e liveblog.Entry) error {
	c.Set(fiber.HeaderETag, revisionTag(e.Revision))
	return sendJSON(c, status, EntryData(liveblog.Blog{}, e))
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
	if before, err = queryNumber(c, "before"); err != nil {
		return 0, 0, err
	}
	if limit, err = queryNumber(c, "limit"); err != nil {
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
		data, err := json.Marshal(EntryData(liveblog.Blog{}, e))
		if err != nil {
			return nil, 0, false, &liveblog.Error{Code: liveblog.Internal, Err: err}
		}
		list = append(list, data)
		size += len(data)
	}
	return list, len(entries), false, nil
}

// linkNext tells a client where a list goes on.
func linkNext(c *fiber.Ctx, path string, before, limit int) {
	c.Set(fiber.HeaderLink, fmt.Sprintf(`</api/v1/blogs/%s?before=%d&limit=%d>; rel="next"`, path, before, limit))
}

// listEntries answers with entries of any status but removed, the highest number first, at most as many as asked
// for; those that the asker may not read are left out. "older" says that more follow, and the Link header where.
func (h *apiHandlers) listEntries(c *fiber.Ctx) error {
	before, limit, err := listWindow(c, defaultEntries)
	if err != nil {
		return err
	}
	ctx, cancel := within(queryTimeout)
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
	return sendJSON(c, http.StatusOK, map[string]any{"entries": list, "older": older})
}

func (h *apiHandlers) postEntry(c *fiber.Ctx) error {
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	var p liveblog.EntryPatch
	if err := decodeBody(c, entryFields(&p)); err != nil {
		return err
	}
	if err := notEmpty("status", p.Status); err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
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

// getEntry answers for a removed entry with 410; its revisions can still be read.
func (h *apiHandlers) getEntry(c *fiber.Ctx) error {
	number, err := pathNumber(c)
	if err != nil {
		return err
	}
	ctx, cancel := within(queryTimeout)
	defer cancel()
	e, err := liveblog.ReadableEntry(ctx, h.Store, actor(c), c.Params("slug"), number)
	if err != nil {
		return err
	}
	if e.Status == liveblog.Removed {
		return liveblog.FieldErrorf(liveblog.Gone, "number", "Entry %d has been removed.", number)
	}
	if tag := revisionTag(e.Revision); notModified(c, tag) {
		c.Set(fiber.HeaderETag, tag)
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
		return nil
	}
	return sendEntry(c, http.StatusOK, e)
}

func (h *apiHandlers) editEntry(c *fiber.Ctx) error {
	number, base, err := revisionParams(c)
	if err != nil {
		return err
	}
	var p liveblog.EntryPatch
	names := entryFields(&p)
	names["correction"] = &p.Correction // which a new entry cannot have
	if err := decodeBody(c, names); err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	slug := c.Params("slug")
	e, err := h.Desk.Edit(ctx, actor(c), slug, number, p, base)
	if err != nil {
		return h.withCurrent(slug, number, err)
	}
	return sendEntry(c, http.StatusOK, e)
}

func (h *apiHandlers) removeEntry(c *fiber.Ctx) error {
	number, base, err := revisionParams(c)
	if err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	slug := c.Params("slug")
	if _, err := h.Desk.Remove(ctx, actor(c), slug, number, base); err != nil {
		return h.withCurrent(slug, number, err)
	}
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	return c.SendStatus(http.StatusNoContent)
}

// listRevisions answers with the states that an entry was in, the newest first, at most as many as asked for. For
// contributors the history of another's entry begins with its publication. "older" says that more follow, and the Link
// header where.
func (h *apiHandlers) listRevisions(c *fiber.Ctx) error {
	number, err := pathNumber(c)
	if err != nil {
		return err
	}
	before, limit, err := listWindow(c, maxListed)
	if err != nil {
		return err
	}
	ctx, cancel := within(queryTimeout)
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
	return sendJSON(c, http.StatusOK, map[string]any{"revisions": list, "older": older})
}

func entryFields(p *liveblog.EntryPatch) fields {
	return fields{"headline": &p.Headline, "body": &p.Body, "key_event": &p.KeyEvent, "pinned": &p.Pinned, "summary": &p.Summary, "status": &p.Status,
		"acts": &actsMember{&p.Acts}}
}

// revisionParams reads which entry a write is for and which revision it takes for the current one; 0 where it does
// not say.
func revisionParams(c *fiber.Ctx) (number, base int, err error) {
	if number, err = pathNumber(c); err != nil {
		return 0, 0, err
	}
	if len(c.Request().Header.PeekAll(fiber.HeaderIfMatch)) == 0 {
		return number, 0, nil
	}
	base, err = parseIfMatch(headerList(c, fiber.HeaderIfMatch))
	return number, base, err
}

// withCurrent adds the current revision to a refusal for a stale one. Should it have become stale once more since,
// the next attempt says so.
func (h *apiHandlers) withCurrent(slug string, number int, err error) error {
	if liveblog.CodeOf(err) != liveblog.Stale {
		return err
	}
	ctx, cancel := within(queryTimeout)
	defer cancel()
	e, readErr := h.Store.Entry(ctx, slug, number)
	if readErr != nil {
		return err
	}
	return &staleEntry{err: err, current: e.Revision}
}
