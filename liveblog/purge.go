package liveblog

import "context"

// Purge asks for texts to be deleted for good, as the law sometimes demands: all texts of an entry, or those of one of
// its earlier revisions. The number, the times and the names stay.
//
// Purging an entry also removes it. The store deletes the headlines, bodies, acts and corrections of all its revisions,
// and its words from the index. Purging a revision deletes the same of that revision alone, and what later revisions
// quote of it in their corrections. Both delete all versions of the entry that were set aside, since any of them may
// have the text. Both log a change of what readers may have seen, and both also work in a blog that is archived. To
// purge twice changes nothing.
//
// Purge fails with [NotFound] and the field "number" or "revision", and with [Conflict] and the field "revision" for
// the newest revision of an entry.
type Purge struct {
	Slug     string
	Number   int
	Revision int // 0 for the whole entry
}

// MaxReason is the most characters of the reason for a purge.
const MaxReason = 500

// Purge deletes texts of an entry for good, with the reason in the audit: see [Purge]. Revision is 0 for all of them.
// It also fails with [Forbidden], or with [Invalid] and the field "reason".
func (d *Desk) Purge(ctx context.Context, by Actor, slug string, number, revision int, reason string) (Entry, error) {
	if err := May(by, Administer, slug); err != nil {
		return Entry{}, err
	}
	var v FieldErrors
	reason = v.line("reason", "reason", reason, MaxReason)
	if reason == "" && v.Count() == 0 {
		v.Addf("reason", "A purge needs a reason; it stays in the audit.")
	}
	if err := v.err(); err != nil {
		return Entry{}, err
	}
	line := audit(by, d.at(), "entry.purge")
	line.Detail = "the whole entry: " + reason
	if revision != 0 {
		line.Detail = "this revision alone: " + reason
	}
	done, err := d.store.Purge(ctx, Purge{Slug: slug, Number: number, Revision: revision}, line)
	if err != nil {
		return Entry{}, err
	}
	d.announce(ctx, slug, done.Changes)
	return done.Entry, nil
}

// Purged reports whether the text of this revision was deleted for good.
func (e Entry) Purged() bool {
	return !e.PurgedAt.IsZero() && e.Headline == "" && e.Body == "" && e.Acts == ""
}
