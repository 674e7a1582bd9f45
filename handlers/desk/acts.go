package desk

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/a-h/templ"
)

// talksAt is what a form's acts are read against.
type talksAt struct {
	blog   liveblog.Blog
	setup  liveblog.Setup
	ledger *liveblog.Ledger
}

func (d *Handlers) talks(ctx context.Context, slug string) (t talksAt, err error) {
	var statements []liveblog.Statement
	t.blog, t.setup, statements, err = d.Store.Statements(ctx, slug)
	t.ledger = liveblog.NewLedger(t.setup, statements)
	return t, err
}

// with folds the talks with an entry's acts in place of those that it has; without acts, as if it were not there.
func (t talksAt) with(acts liveblog.Acts, by liveblog.By) liveblog.Talks {
	return t.ledger.With(liveblog.Statement{By: by, Acts: acts}).Fold()
}

// stated is what an editor's commands come to.
type stated struct {
	body string // without the commands that stood in it
	acts liveblog.Acts
	from []place // of each act
}

// place is where a command was typed.
type place struct {
	field string
	liveblog.TypedCommand
}

// state reads the commands of the acts' field and of the text. Prev is the entry that is edited, nil for a new one: where
// the field still holds its commands, its acts stay as they are, whatever a command cannot tell of them. The error names
// the field and the line at which each command at fault was typed.
func (t typedEntry) state(now talksAt, prev *liveblog.Entry) (s stated, err error) {
	loc := now.blog.Location()
	var lifted []liveblog.TypedCommand
	s.body, lifted = liveblog.LiftCommands(t.body)
	own := strings.TrimSpace(strings.ReplaceAll(t.acts, "\r\n", "\n"))
	var all []liveblog.Act
	var problems web.Faults
	read := func(text string, from []place) {
		s.from = append(s.from, from...)
		acts, err := liveblog.ParseCommands(now.setup, loc, text)
		if err != nil {
			if e, ok := errors.AsType[*liveblog.Error](located(err, from, false)); ok {
				problems.Add(e)
			}
		}
		all = append(all, acts.List()...)
	}
	switch {
	case prev != nil && !t.hasActs, prev != nil && own == prev.Acts.Commands(loc):
		all = prev.Acts.List()
		s.from = placesIn("acts", liveblog.FindCommands(prev.Acts.Commands(loc)))
	default:
		read(t.acts, placesIn("acts", liveblog.FindCommands(t.acts)))
	}
	if len(lifted) > 0 {
		lines := make([]string, len(lifted))
		for i, c := range lifted {
			lines[i] = c.Text
		}
		read(strings.Join(lines, "\n"), placesIn("body", lifted))
	}
	if len(problems.Fields) > 0 {
		return s, fieldsFailure(liveblog.Invalid, problems)
	}
	s.acts = liveblog.NewActs(all)
	if tidied, err := liveblog.CheckDraft(now.setup, s.acts); err == nil { // the store says what is wrong
		s.acts = tidied
	}
	return s, nil
}

// states reports whether there is a command in the form.
func (t typedEntry) states() bool {
	_, lifted := liveblog.LiftCommands(t.body)
	return strings.TrimSpace(t.acts) != "" || len(lifted) > 0
}

func placesIn(field string, found []liveblog.TypedCommand) []place {
	all := make([]place, len(found))
	for i, c := range found {
		all[i] = place{field, c}
	}
	return all
}

func fieldsFailure(code liveblog.Code, f web.Faults) error {
	message := fmt.Sprintf("%d commands need a change.", f.Count())
	if f.Count() == 1 {
		message = f.Fields[0].Message
	}
	return &liveblog.Error{Code: code, Message: message, Fields: f.Fields, Omitted: f.Omitted}
}

var actField = regexp.MustCompile(`^acts\[(\d+)\]`)

// located turns what an error says of acts into what it says of commands: the field that each was typed in and its line.
// Where the message cannot name what was typed, quote adds the command itself.
func located(err error, from []place, quote bool) error {
	e, ok := errors.AsType[*liveblog.Error](err)
	if !ok {
		return err
	}
	out := *e
	out.Fields = make([]liveblog.FieldError, len(e.Fields))
	for i, f := range e.Fields {
		out.Fields[i] = f
		m := actField.FindStringSubmatch(f.Field)
		if m == nil {
			continue
		}
		out.Fields[i].Field = "acts"
		n, err := strconv.Atoi(m[1])
		if err != nil || n >= len(from) {
			continue
		}
		at := "Line " + strconv.Itoa(from[n].Line)
		if quote {
			first, _, _ := strings.Cut(from[n].Text, "\n")
			at += ", “" + web.Shortened(first, 80) + "”"
		}
		out.Fields[i] = liveblog.FieldError{Field: from[n].field, Message: at + ": " + f.Message}
	}
	if len(out.Fields) == 1 {
		out.Message = out.Fields[0].Message
	}
	return &out
}

// previewOf renders what is typed over an entry, with what its acts would do if it were published now. For a new entry
// base is one that nobody has seen.
func (t typedEntry) previewOf(now talksAt, base liveblog.Entry) templ.Component {
	var prev *liveblog.Entry
	if base.Number != 0 {
		prev = &base
	}
	p := view.ActsPreview{Stated: t.states() || base.Acts != ""}
	s, err := t.state(now, prev)
	if err != nil {
		p.Problems = messagesOf(err)
	}
	t.stated = &s
	e := t.over(asPublic(base))
	if t.corrects && base.Public() {
		e.Correction = liveblog.Correction{At: time.Now().UTC(), Revision: base.Revision + 1, Note: t.note(), Headline: base.Headline, Body: base.Body}
	}
	by := liveblog.By{Entry: base.Number, At: base.PublishedAt}
	if !base.Public() {
		by.At = time.Now().UTC()
	}
	kept := err == nil && base.Public() && e.Acts == base.Acts
	if err == nil && e.Acts != "" && !kept {
		acts, err := now.ledger.Judge(e.Acts, by)
		if err != nil {
			p.Problems = messagesOf(located(err, s.from, true))
		}
		e.Acts = acts
		waits := base.Status == liveblog.Draft && base.Acts == acts // as its page says
		p.Approval = !waits && len(p.Problems) == 0 && now.setup.NeedsSecondEditor(acts)
	}
	after := now.with(e.Acts, by)
	if len(p.Problems) == 0 {
		before := now.ledger.Fold()
		p.Effects = view.Effects(now.blog, &before, &after)
	}
	if kept {
		p.Stated = false // nothing about it changes
	}
	return view.PreviewWithActs(p, rendered(now.blog, &after, e))
}

func messagesOf(err error) (all []string) {
	f := web.FailureOf(err)
	for _, field := range f.Fields {
		all = append(all, field.Message)
	}
	if len(all) == 0 {
		all = append(all, f.Message)
	}
	return all
}

// needsApproval reports whether an error asks for a second editor.
func needsApproval(err error) bool {
	f := web.FailureOf(err)
	return f.Code == liveblog.Conflict && len(f.Fields) == 1 && f.Fields[0].Field == "acts"
}
