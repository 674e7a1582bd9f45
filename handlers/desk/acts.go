package desk

import (
	"context"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/a-h/templ"
)

// talksState is what the acts in a form are checked against.
type talksState struct {
	blog   liveblog.Blog
	setup  liveblog.Setup
	ledger *liveblog.Ledger
	at     time.Time // when this was read, by the store's clock
}

// talks reads a blog with its setup and everything that its entries state.
func (d *Handlers) talks(ctx context.Context, slug string) (t talksState, err error) {
	var statements []liveblog.Statement
	t.blog, t.setup, statements, err = d.Store.Statements(ctx, slug)
	t.ledger, t.at = liveblog.NewLedger(t.setup, statements), d.Store.Now()
	return t, err
}

// withActs folds the talks with acts in place of those that the entry has; empty acts leave the entry out.
func (t talksState) withActs(acts liveblog.Acts, by liveblog.By) liveblog.Talks {
	return t.ledger.With(liveblog.Statement{By: by, Acts: acts}).Fold()
}

// previewOf renders the typed text as a revision of base, with the effects that its acts would have if it were
// published now. For a new entry, base is [blankEntry].
func (t typedEntry) previewOf(now talksState, base liveblog.Entry) templ.Component {
	typed := t.withCommands(base)
	p := view.ActsPreview{Stated: typed.HasCommands() || base.Acts != ""}
	s, err := typed.Read(now.setup, now.blog.Location())
	if err != nil {
		p.Problems = messagesOf(err)
	}
	t.stated = &s
	e := t.appliedTo(asPublic(base))
	if t.corrects && base.Public() {
		e.Correction = liveblog.Correction{At: now.at, Revision: base.Revision + 1, Note: t.note(),
			Headline: base.Headline, Body: base.Body}
	}
	by := liveblog.By{Entry: base.Number, At: base.PublishedAt}
	if !base.Public() {
		by.At = now.at
	}
	unchanged := err == nil && base.Public() && e.Acts == base.Acts
	if err == nil && e.Acts != "" && !unchanged {
		acts, err := now.ledger.Judge(e.Acts, by)
		if err != nil {
			p.Problems = messagesOf(s.Locate(err))
		}
		e.Acts = acts
		waits := base.Status == liveblog.Draft && base.Acts == acts // the page says so already
		p.Approval = !waits && len(p.Problems) == 0 && now.setup.NeedsSecondEditor(acts)
	}
	after := now.withActs(e.Acts, by)
	if len(p.Problems) == 0 {
		before := now.ledger.Fold()
		p.Effects = view.Effects(now.blog, &before, &after)
	}
	if unchanged {
		p.Stated = false
	}
	return view.PreviewWithActs(p, rendered(now.blog, &after, e))
}

// messagesOf returns the messages of an error's fields, or its own message if it names none.
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

// needsApproval reports whether an error says that a second editor must publish the entry.
func needsApproval(err error) bool {
	f := web.FailureOf(err)
	return f.Code == liveblog.Conflict && len(f.Fields) == 1 && f.Fields[0].Field == "acts"
}
