package desk

import (
	"context"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
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
