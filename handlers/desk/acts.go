package desk

import (
	"context"
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

// previewOf renders what is typed over an entry, with what its acts would do if it were published now. For a new entry
// base is one that nobody has seen.
func (t typedEntry) previewOf(now talksAt, base liveblog.Entry) templ.Component {
	p := view.ActsPreview{Stated: t.typed().HasCommands() || base.Acts != ""}
	s, err := t.typed().Read(now.setup, now.blog.Location(), base.Acts)
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
			p.Problems = messagesOf(s.Locate(err))
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
