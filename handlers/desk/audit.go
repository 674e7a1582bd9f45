package desk

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// auditShown is how many lines a page of the audit shows.
const auditShown = 50

// Audit shows a page of the audit: of one blog if the path names one, else of all.
func (d *Handlers) Audit(c *fiber.Ctx, v visitor) error {
	page := view.AuditPage{Desk: d.desk(v), Path: c.Path(), Who: c.Query("who"), What: c.Query("what"),
		Since: c.Query("since"), Until: c.Query("until"), Slug: c.Query("blog"), Before: c.Query("before")}
	if err := liveblog.May(v.actor(), liveblog.Administer, c.Params("slug")); err != nil {
		return err
	}
	if c.Params("slug") != "" {
		b, err := d.findBlog(c)
		if err != nil {
			return err
		}
		page.Blog, page.Slug = &b, ""
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	q, err := auditQuery(c)
	if err == nil {
		q.Limit = auditShown + 1
		page.Lines, err = d.Accounts.Audit(ctx, v.actor(), q)
	}
	if err != nil {
		if web.FailureOf(err).Code != liveblog.Invalid {
			return err
		}
		page.Problem = problemOf(err)
		return d.answer(c, err, view.Audit(page))
	}
	if len(page.Lines) > auditShown {
		page.Lines = page.Lines[:auditShown]
		page.Older = page.Lines[auditShown-1].ID
	}
	return d.show(c, view.Audit(page))
}

// auditQuery reads the filters from the query. It fails with [liveblog.Invalid] naming since or until.
func auditQuery(c *fiber.Ctx) (liveblog.AuditQuery, error) {
	q := liveblog.AuditQuery{Blog: c.Params("slug"), Who: c.Query("who"), What: c.Query("what"),
		Before: c.Query("before")}
	if q.Blog == "" {
		q.Blog = c.Query("blog")
	}
	var fields []liveblog.FieldError
	for _, f := range []struct {
		name string
		into *time.Time
	}{{"since", &q.Since}, {"until", &q.Until}} {
		text := c.Query(f.name)
		if text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil || !web.InRange(day) {
			fields = append(fields, liveblog.FieldError{Field: f.name,
				Message: "“" + f.name + "” must be a day such as 2025-10-30."})
			continue
		}
		if f.name == "until" { // the day is included
			day = day.AddDate(0, 0, 1)
		}
		*f.into = day
	}
	if len(fields) > 0 {
		return q, &liveblog.Error{Code: liveblog.Invalid, Message: fields[0].Message, Fields: fields}
	}
	return q, nil
}

// AuditCSV returns a handler that sends all lines that match the filters as CSV.
func (d *Handlers) AuditCSV(c *fiber.Ctx, v visitor) error {
	return d.exportAudit(c, v, "audit.csv", "text/csv; charset=utf-8", &csvLines{})
}

// AuditJSON is like [Handlers.AuditCSV] for JSON.
func (d *Handlers) AuditJSON(c *fiber.Ctx, v visitor) error {
	return d.exportAudit(c, v, "audit.json", fiber.MIMEApplicationJSON, &jsonLines{})
}

// auditFormat writes lines of the audit.
type auditFormat interface {
	begin(*bytes.Buffer)
	line(*bytes.Buffer, liveblog.AuditLine) error
	end(*bytes.Buffer)
}

// exportAudit streams lines in batches, so that the size of the audit does not matter. The first batch is read before
// the answer begins, since its errors can still be told.
func (d *Handlers) exportAudit(c *fiber.Ctx, v visitor, name, kind string, format auditFormat) error {
	q, err := auditQuery(c)
	if err != nil {
		return err
	}
	q.Limit = liveblog.MaxAuditLines
	e := &auditExport{format: format, read: func() ([]liveblog.AuditLine, error) {
		ctx, cancel := context.WithTimeout(context.Background(), web.QueryTimeout)
		defer cancel()
		lines, err := d.Accounts.Audit(ctx, v.actor(), q)
		if len(lines) > 0 {
			q.Before = lines[len(lines)-1].ID
		}
		return lines, err
	}}
	format.begin(&e.buffer)
	if err := e.fill(); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Context().SetBodyStream(e, -1)
	return nil
}

// auditExport is the body of an export. An error of a later batch ends the connection before the body is complete, so
// that nobody takes a part for the whole.
type auditExport struct {
	format auditFormat
	read   func() ([]liveblog.AuditLine, error)
	buffer bytes.Buffer
	done   bool
}

func (e *auditExport) fill() error {
	lines, err := e.read()
	if err != nil {
		return err
	}
	for _, l := range lines {
		if err := e.format.line(&e.buffer, l); err != nil {
			return err
		}
	}
	if len(lines) < liveblog.MaxAuditLines {
		e.format.end(&e.buffer)
		e.done = true
	}
	return nil
}

// Read implements [io.Reader].
func (e *auditExport) Read(p []byte) (int, error) {
	if e.buffer.Len() == 0 {
		if e.done {
			return 0, io.EOF
		}
		if err := e.fill(); err != nil {
			return 0, err
		}
	}
	return e.buffer.Read(p)
}

type csvLines struct{}

func (csvLines) begin(b *bytes.Buffer) {
	b.WriteString("time,actor,actor_id,action,blog,entry,revision,account,account_name,detail,id\n")
}

func (csvLines) line(b *bytes.Buffer, l liveblog.AuditLine) error {
	w := csv.NewWriter(b)
	cells := []string{l.At.Format(time.RFC3339Nano), l.Actor, l.ActorID, l.Action, l.Blog, orBlank(l.Number),
		orBlank(l.Revision), l.Account, l.AccountName, l.Detail, l.ID}
	for i := range cells {
		// A spreadsheet would run such a cell as a formula.
		if strings.ContainsAny(cells[i][:min(1, len(cells[i]))], "=+-@\t\r") {
			cells[i] = "'" + cells[i]
		}
	}
	err := w.Write(cells)
	w.Flush()
	return err
}

func (csvLines) end(*bytes.Buffer) {}

func orBlank(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// jsonLines writes an object with the list "lines".
type jsonLines struct{ some bool }

func (j *jsonLines) begin(b *bytes.Buffer) { b.WriteString(`{"lines":[`) }

func (j *jsonLines) line(b *bytes.Buffer, l liveblog.AuditLine) error {
	text, err := json.Marshal(l)
	if j.some {
		b.WriteByte(',')
	}
	j.some = true
	b.WriteByte('\n')
	b.Write(text)
	return err
}

func (j *jsonLines) end(b *bytes.Buffer) { b.WriteString("\n]}\n") }
