package desk

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// formText returns a field of the form in the body. It ignores the query, so that a link cannot fill in a form.
func formText(c *fiber.Ctx, name string) string {
	return string(web.Form(c).Peek(name))
}

// typedEntry holds the fields that the composer sends.
type typedEntry struct {
	headline, body, acts      string
	hasActs                   bool // the form has the field "acts"
	keyEvent, pinned, summary bool
	corrects                  bool   // the edit is marked as a correction
	correction                string // the note about it for readers
	alone                     string // why an admin publishes without a second editor
	unpin                     int    // the pinned entry that makes room for this one; 0 for none
	keepSummary               bool   // the summary before this one stays marked as one
	// action is the button: "publish", "draft" or "preview", or "" if the form was sent without one.
	action string
	key    string           // idempotency key
	base   int              // the revision that the form shows
	origin string           // the revision with which the editor had begun, if the form shows a conflict with base
	number int              // the entry that is edited; 0 for a new one
	draft  bool             // the form offered to save a draft
	stated *liveblog.Stated // the parsed commands; nil if they have not been read

	choices map[string]liveblog.Choice // about passages in conflict
	copy    string                     // the ID of the working copy of what was typed
}

func readEntry(c *fiber.Ctx) typedEntry {
	t := typedFrom(func(name string) string { return formText(c, name) })
	t.hasActs = web.Form(c).Has("acts")
	if t.origin != "" {
		t.choices = readChoices(c)
	}
	return t
}

// typedFrom returns the fields that get knows by their names in the form.
func typedFrom(get func(name string) string) typedEntry {
	t := typedEntry{
		headline: get("headline"),
		body:     get("body"),
		acts:     get("acts"),
		hasActs:  true,
		keyEvent: get("key_event") != "",
		pinned:   get("pinned") != "",
		summary:  get("summary") != "",
		corrects: get("corrects") != "",
		action:   get("action"),
		key:      get("key"),
		draft:    get("state") == "draft",
		origin:   get("origin"),
		copy:     get("copy"),

		correction: get("correction"),
		alone:      get("alone"),

		keepSummary: get("keep_summary") != "",
	}
	t.unpin, _ = strconv.Atoi(get("unpin"))
	// An unreadable base counts as an outdated one: 0 would mean "overwrite whatever there is".
	var err error
	if t.base, err = strconv.Atoi(get("base")); err != nil || t.base < 1 {
		t.base = -1
	}
	t.number, _ = strconv.Atoi(get("number"))
	return t
}

// readChoices returns what the form says about the passages in conflict.
func readChoices(c *fiber.Ctx) map[string]liveblog.Choice {
	choices := map[string]liveblog.Choice{}
	for name, value := range web.Form(c).All() {
		if id, ok := strings.CutPrefix(string(name), view.ChoicePrefix); ok {
			choices[id] = liveblog.Choice(value)
		}
	}
	return choices
}

// basis returns what the editor saw of the entry.
func (t typedEntry) basis() liveblog.Basis {
	seen := liveblog.Basis{Revision: t.base, Conflict: t.origin != "", Choices: t.choices}
	seen.Origin, _ = strconv.Atoi(t.origin) // one that cannot be read is one that cannot be found
	return seen
}

// saves reports whether the form was sent with a button that saves. Anything else, such as the Enter key in the
// headline, shows a preview, which does no harm.
func (t typedEntry) saves() bool { return t.action == "publish" || t.action == "draft" }

func (t typedEntry) status() liveblog.EntryStatus {
	if t.action == "publish" {
		return liveblog.Published
	}
	return liveblog.Draft
}

// input returns the typed text as a new entry.
func (t typedEntry) input() liveblog.EntryInput {
	return liveblog.EntryInput{
		Headline: t.headline,
		Body:     t.body,
		KeyEvent: t.keyEvent,
		Pinned:   t.pinned,
		Summary:  t.summary,
		Commands: t.commands(),
		Status:   t.status(),
		Alone:    t.publishingAlone(),
		Copy:     t.copy,
	}
}

// publishingAlone returns the reason to publish without a second editor; "" for a form that saves a draft.
func (t typedEntry) publishingAlone() string {
	if t.action != "publish" {
		return ""
	}
	return t.alone
}

// commands returns the text in the field for acts, or nil if the form has no such field.
func (t typedEntry) commands() *string {
	if !t.hasActs {
		return nil
	}
	return &t.acts
}

// withCommands returns the texts that may contain commands, as a change of an entry.
func (t typedEntry) withCommands(was liveblog.Entry) liveblog.Typed {
	return liveblog.Typed{Headline: t.headline, Body: t.body, Commands: t.commands(), Was: was}
}

// patch returns the typed text as a change of an entry. "Save draft" leaves the status as it is.
func (t typedEntry) patch() liveblog.EntryPatch {
	p := liveblog.EntryPatch{
		Headline: &t.headline,
		Body:     &t.body,
		KeyEvent: &t.keyEvent,
		Pinned:   &t.pinned,
		Summary:  &t.summary,
		Commands: t.commands(),
		Alone:    t.publishingAlone(),
		Copy:     t.copy,

		// The form states all: what no command says any more goes.
		Byline: new(""), HappenedAt: &time.Time{},
	}
	if t.action == "publish" {
		status := liveblog.Published
		p.Status = &status
	}
	if t.corrects {
		p.Correction = &t.correction
	}
	return p
}

// note returns the correction's note, normalized as the desk does when it saves it.
func (t typedEntry) note() string {
	return strings.Join(strings.Fields(web.Printable(t.correction)), " ")
}

// checkCorrection refuses a correction note on an edit that is not marked as a correction, because it would be
// dropped silently.
func (t typedEntry) checkCorrection() error {
	if t.corrects || t.note() == "" {
		return nil
	}
	return liveblog.FieldErrorf(liveblog.Invalid, "correction",
		"Readers only see this note with a correction: tick “This is a correction”, or leave the note empty.")
}

// appliedTo returns e with the typed fields, normalized as the desk does when it saves them.
func (t typedEntry) appliedTo(e liveblog.Entry) liveblog.Entry {
	e.Headline = strings.Join(strings.Fields(web.Printable(t.headline)), " ")
	body := t.body
	if t.stated != nil {
		body, e.Acts = t.stated.Body, t.stated.Acts
	}
	body = strings.ReplaceAll(web.Printable(body), "\r\n", "\n")
	e.Body = strings.TrimRightFunc(strings.ReplaceAll(body, "\r", "\n"), unicode.IsSpace)
	e.KeyEvent, e.Pinned, e.Summary = t.keyEvent, t.pinned, t.summary
	if t.action == "publish" {
		e.Status = liveblog.Published
	}
	return e
}

// idempotencyKey returns the key of this request, or nil if the form has none. The same form sent twice is one
// request; the same key with other fields is an error.
func (t typedEntry) idempotencyKey(by liveblog.Actor, slug string) *liveblog.IdempotencyKey {
	if t.key == "" {
		return nil
	}
	key := sha256.Sum256([]byte(t.key)) // bounds its length, whatever the client sent
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %t %t %t %q %q", slug, t.headline, t.body, t.acts,
		t.keyEvent, t.pinned, t.summary, t.status(), t.publishingAlone()))
	return &liveblog.IdempotencyKey{Actor: by.ID, Key: hex.EncodeToString(key[:]),
		Fingerprint: hex.EncodeToString(sum[:])}
}

// form returns the composer's form with what was typed.
func (t typedEntry) form(action, csrf string) view.EntryForm {
	return view.EntryForm{
		Action:     action,
		CSRF:       csrf,
		Key:        web.Printable(t.key),
		Base:       t.base,
		Origin:     web.Printable(t.origin),
		Copy:       web.Printable(t.copy),
		Number:     t.number,
		Headline:   web.Printable(t.headline),
		Body:       web.Printable(t.body),
		Acts:       web.Printable(t.acts),
		KeyEvent:   t.keyEvent,
		Pinned:     t.pinned,
		Summary:    t.summary,
		Corrects:   t.corrects,
		Correction: web.Printable(t.correction),
		Alone:      web.Printable(t.alone),
		Draft:      t.draft,
		Publish:    true,
		Typed:      true,
	}
}

// newKey returns an idempotency key for a new form.
func newKey() string { return rand.Text() }

// TypedEntryForm is the [formBuilder] of the composer.
func (d *Handlers) TypedEntryForm(c *fiber.Ctx, csrf string, p view.Problem) templ.Component {
	f := readEntry(c).form(c.Path(), csrf)
	if c.Params("number") == "" {
		f.Base, f.Draft = 0, true
		if f.Key == "" {
			f.Key = newKey()
		}
	}
	f.Number, _ = strconv.Atoi(c.Params("number"))
	f.Desk, f.Problem = deskPath(c), p
	return view.Composer(f)
}

// readBlog returns the form of a blog's own fields with what was typed.
func readBlog(c *fiber.Ctx, csrf string) view.BlogForm {
	return view.BlogForm{
		Action:     c.Path(),
		CSRF:       csrf,
		Slug:       web.Printable(formText(c, "slug")),
		Title:      web.Printable(formText(c, "title")),
		Standfirst: web.Printable(formText(c, "standfirst")),
		Status:     web.Printable(formText(c, "status")),
		TimeZone:   web.Printable(formText(c, "time_zone")),
		Language:   web.Printable(formText(c, "language")),
		Venue:      web.Printable(formText(c, "venue")),
		Address:    web.Printable(formText(c, "address")),
		Typed:      true,
	}
}

// seenBlog returns the blog's fields as they were when the form was sent out.
func seenBlog(c *fiber.Ctx) *liveblog.Blog {
	return &liveblog.Blog{
		Title:      web.Printable(formText(c, "seen_title")),
		Standfirst: web.Printable(formText(c, "seen_standfirst")),
		Status:     liveblog.BlogStatus(web.Printable(formText(c, "seen_status"))),
		TimeZone:   web.Printable(formText(c, "seen_time_zone")),
		Language:   web.Printable(formText(c, "seen_language")),
		Venue:      web.Printable(formText(c, "seen_venue")),
		Address:    web.Printable(formText(c, "seen_address")),
	}
}

// TypedBlogForm is the [formBuilder] of a blog's own fields.
func (d *Handlers) TypedBlogForm(c *fiber.Ctx, csrf string, p view.Problem) templ.Component {
	f := readBlog(c, csrf)
	f.Problem = p
	if c.Params("slug") != "" {
		f.Seen = seenBlog(c)
	}
	return view.BlogFields(f)
}

// problemOf returns what a page may show of an error.
func problemOf(err error) view.Problem {
	f := web.FailureOf(err)
	return view.Problem{Message: f.Message, Fields: f.Fields}
}

// show sends a page.
func (d *Handlers) show(c *fiber.Ctx, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(context.Background(), &b); err != nil { // rendering does not wait for anything
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(b.Bytes())
}

// answer sends the page of a failed form, with the status of its error.
func (d *Handlers) answer(c *fiber.Ctx, err error, page templ.Component) error {
	f := web.FailureOf(err)
	c.Status(f.Status)
	web.SetErrorCode(c, f.Code)
	if slices.Contains([]liveblog.Code{liveblog.Unavailable, liveblog.DiskFull, liveblog.TooMany}, f.Code) &&
		len(c.Response().Header.Peek(fiber.HeaderRetryAfter)) == 0 {
		c.Set(fiber.HeaderRetryAfter, "5")
	}
	if f.Status >= http.StatusInternalServerError {
		d.Log.Error("a form failed", "request", web.RequestID(c), "path", web.LogPath(c.Path()), "error", err)
	}
	return d.show(c, page)
}

// shownInForm reports whether a failure is shown on the form's own page, next to the fields at fault.
func shownInForm(err error) bool {
	switch web.FailureOf(err).Code {
	case liveblog.Invalid, liveblog.Conflict, liveblog.Forbidden, liveblog.KeyReused, liveblog.Stale:
		return true
	}
	return false
}
