package desk

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// formText returns a field of the body, as it came; the query is no place for what a form says.
func formText(c *fiber.Ctx, name string) string {
	return string(web.Form(c).Peek(name))
}

// typedEntry is what the composer sends.
type typedEntry struct {
	headline, body, acts      string
	hasActs                   bool // the form has the field
	keyEvent, pinned, summary bool
	corrects                  bool   // the edit is marked as a correction
	correction                string // what readers are told of it
	action                    string // of the button: "publish", "draft", "preview"; "" when the form was sent without one
	key                       string
	base                      int
	number                    int              // of the entry that is edited; 0 for a new one
	draft                     bool             // the form offered to save a draft
	stated                    *liveblog.Stated // what the commands come to; nil where they are not read
}

func readEntry(c *fiber.Ctx) typedEntry {
	t := typedEntry{
		headline: formText(c, "headline"),
		body:     formText(c, "body"),
		acts:     formText(c, "acts"),
		hasActs:  web.Form(c).Has("acts"),
		keyEvent: formText(c, "key_event") != "",
		pinned:   formText(c, "pinned") != "",
		summary:  formText(c, "summary") != "",
		corrects: formText(c, "corrects") != "",
		action:   formText(c, "action"),
		key:      formText(c, "key"),
		draft:    formText(c, "state") == "draft",

		correction: formText(c, "correction"),
	}
	// A base that cannot be read is like one that is out of date: 0 would mean "overwrite whatever is there".
	var err error
	if t.base, err = strconv.Atoi(formText(c, "base")); err != nil || t.base < 1 {
		t.base = -1
	}
	t.number, _ = strconv.Atoi(formText(c, "number"))
	return t
}

// saves reports whether the form was sent to be saved. Anything but the two buttons for that, such as the Enter key
// in the headline, shows a preview, which does no harm.
func (t typedEntry) saves() bool { return t.action == "publish" || t.action == "draft" }

func (t typedEntry) status() liveblog.EntryStatus {
	if t.action == "publish" {
		return liveblog.Published
	}
	return liveblog.Draft
}

// input is the typed entry as a new one.
func (t typedEntry) input() liveblog.EntryInput {
	in := liveblog.EntryInput{Headline: t.headline, Body: t.body, KeyEvent: t.keyEvent, Pinned: t.pinned, Summary: t.summary,
		Commands: t.commands(), Status: t.status()}
	return in
}

// commands is what the field of the acts holds, nil where the form has none.
func (t typedEntry) commands() *string {
	if !t.hasActs {
		return nil
	}
	return &t.acts
}

// typed is what the desk reads of it.
func (t typedEntry) typed() liveblog.Typed {
	return liveblog.Typed{Body: t.body, Commands: t.commands()}
}

// patch is the typed entry as a change of one. "Save draft" leaves the status alone.
func (t typedEntry) patch() liveblog.EntryPatch {
	p := liveblog.EntryPatch{Headline: &t.headline, Body: &t.body, KeyEvent: &t.keyEvent, Pinned: &t.pinned, Summary: &t.summary, Commands: t.commands()}
	if t.action == "publish" {
		status := liveblog.Published
		p.Status = &status
	}
	if t.corrects {
		p.Correction = &t.correction
	}
	return p
}

// note is what readers would be told, tidied as the desk does when it saves it.
func (t typedEntry) note() string { return strings.Join(strings.Fields(web.Printable(t.correction)), " ") }

// unmarked refuses a note for readers whose edit is not marked as a correction: it would be lost without a word.
func (t typedEntry) unmarked() error {
	if t.corrects || t.note() == "" {
		return nil
	}
	return liveblog.FieldErrorf(liveblog.Invalid, "correction",
		"Readers are told this only of a correction: tick “This is a correction”, or leave this empty.")
}

// over returns e with the typed fields, tidied as the desk does when it saves them.
func (t typedEntry) over(e liveblog.Entry) liveblog.Entry {
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

// idempotencyKey names this request: the same form sent twice is one request, the same key with other fields is not.
func (t typedEntry) idempotencyKey(by liveblog.Actor, slug string) *liveblog.IdempotencyKey {
	if t.key == "" {
		return nil
	}
	key := sha256.Sum256([]byte(t.key)) // whatever came in place of our own is text of a known length then
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %t %t %t %q", slug, t.headline, t.body, t.acts, t.keyEvent, t.pinned, t.summary, t.status()))
	return &liveblog.IdempotencyKey{Actor: by.ID, Key: hex.EncodeToString(key[:]), Fingerprint: hex.EncodeToString(sum[:])}
}

// form is the composer with what was typed.
func (t typedEntry) form(action, csrf string) view.EntryForm {
	return view.EntryForm{Action: action, CSRF: csrf, Key: web.Printable(t.key), Base: t.base, Number: t.number, Headline: web.Printable(t.headline),
		Body: web.Printable(t.body), Acts: web.Printable(t.acts), KeyEvent: t.keyEvent, Pinned: t.pinned, Summary: t.summary,
		Corrects: t.corrects, Correction: web.Printable(t.correction), Draft: t.draft, Publish: true, Typed: true}
}

// newKey returns an idempotency key for a form that is about to be shown.
func newKey() string { return rand.Text() }

// KeepEntry keeps a composer without the store.
func (d *Handlers) KeepEntry(c *fiber.Ctx, csrf string, p view.Problem) templ.Component {
	f := readEntry(c).form(c.Path(), csrf)
	if c.Params("number") == "" {
		f.Base, f.Draft = 0, true
		if f.Key == "" {
			f.Key = newKey()
		}
	}
	f.Number, _ = strconv.Atoi(c.Params("number"))
	f.Preview, f.Picks, f.Problem = deskPath(c)+"/preview", deskPath(c)+"/acts.json", p
	return view.Composer(f)
}

// readBlog reads the form of a blog's own fields.
func readBlog(c *fiber.Ctx, csrf string) view.BlogForm {
	return view.BlogForm{Action: c.Path(), CSRF: csrf, Slug: web.Printable(formText(c, "slug")), Title: web.Printable(formText(c, "title")),
		Standfirst: web.Printable(formText(c, "standfirst")), Status: web.Printable(formText(c, "status")), TimeZone: web.Printable(formText(c, "time_zone")),
		Language: web.Printable(formText(c, "language")), Typed: true}
}

// seenBlog is the blog as the form's maker saw it.
func seenBlog(c *fiber.Ctx) *liveblog.Blog {
	return &liveblog.Blog{Title: web.Printable(formText(c, "seen_title")), Standfirst: web.Printable(formText(c, "seen_standfirst")),
		Status: liveblog.BlogStatus(web.Printable(formText(c, "seen_status"))), TimeZone: web.Printable(formText(c, "seen_time_zone")),
		Language: web.Printable(formText(c, "seen_language"))}
}

// KeepBlog keeps the form of a blog's own fields without the store.
func (d *Handlers) KeepBlog(c *fiber.Ctx, csrf string, p view.Problem) templ.Component {
	f := readBlog(c, csrf)
	f.Problem = p
	if c.Params("slug") != "" {
		f.Seen = seenBlog(c)
	}
	return view.BlogFields(f)
}

// problemOf is what a page may say about an error.
func problemOf(err error) view.Problem {
	f := web.FailureOf(err)
	return view.Problem{Message: f.Message, Fields: f.Fields}
}

// show answers with a page.
func (d *Handlers) show(c *fiber.Ctx, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(context.Background(), &b); err != nil { // nothing here waits, so nothing needs to end it
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(b.Bytes())
}

// answer answers a failed form with a page that shows it again.
func (d *Handlers) answer(c *fiber.Ctx, err error, page templ.Component) error {
	f := web.FailureOf(err)
	c.Status(f.Status)
	web.SetErrorCode(c, f.Code)
	if (f.Code == liveblog.Unavailable || f.Code == liveblog.TooMany) && len(c.Response().Header.Peek(fiber.HeaderRetryAfter)) == 0 {
		c.Set(fiber.HeaderRetryAfter, "5")
	}
	if f.Status >= http.StatusInternalServerError {
		d.Log.Error("a form failed", "request", web.RequestID(c), "path", c.Path(), "error", err)
	}
	return d.show(c, page)
}

// inPlace reports whether a failure is one that the form's own page shows, with the fields at fault.
func inPlace(err error) bool {
	switch web.FailureOf(err).Code {
	case liveblog.Invalid, liveblog.Conflict, liveblog.Forbidden, liveblog.KeyReused, liveblog.Stale:
		return true
	}
	return false
}
