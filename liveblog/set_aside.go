package liveblog

import (
	"context"
	"time"
)

// SetAside is a version of an entry that somebody typed and could not save, because others had changed the same, or had
// published or removed the entry. Members see it in the history of the entry; readers never do.
type SetAside struct {
	Number   int
	Base     int    // the revision that the form began with
	By       string // display name
	ByID     string
	At       time.Time
	Headline string
	Body     string
	Acts     Acts
}

// MaxSetAside is how many versions set aside are kept of one entry, the newest ones.
const MaxSetAside = 20

// AppliedTo returns what saving the version would have made of its base.
func (v SetAside) AppliedTo(base Entry) Entry {
	base.Headline, base.Body, base.Acts = v.Headline, v.Body, v.Acts
	return base
}

// setAside keeps what an editor typed if a save failed because others have changed, published or removed the entry
// since revision base. It returns the failure, or why the text could not be kept, so that no editor is told to go on
// from a text that is lost. A text that began with a revision that cannot be found is not kept: that may have been
// purged.
func (d *Desk) setAside(
	ctx context.Context, by Actor, slug string, number int, p EntryPatch, base int, failure error,
) error {
	if code := CodeOf(failure); code != Stale && code != Conflict && code != Forbidden {
		return failure
	}
	was, err := d.before(ctx, slug, number)
	if err != nil || was.Blog.CheckWritable() != nil {
		return failure
	}
	origin, err := d.origin(ctx, slug, was.Entry, base)
	if err != nil || origin.Revision == 0 || MayRevise(by, slug, origin) != nil {
		return failure
	}
	if CodeOf(failure) != Stale && was.Entry.Status == origin.Status {
		return failure // it is not about what others did, and the form still has the text
	}
	var s Stated
	mine, err := d.mineOf(was, origin, p, &s)
	if err != nil || mine == origin {
		return failure
	}
	err = d.store.AddSetAside(ctx, slug, SetAside{
		Number: number, Base: base, By: by.Name, ByID: by.ID, At: d.at(),
		Headline: mine.Headline, Body: mine.Body, Acts: mine.Acts,
	})
	if code := CodeOf(err); code == Unavailable || code == DiskFull {
		return err
	}
	return failure
}
