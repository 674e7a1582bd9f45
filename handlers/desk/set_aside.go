package desk

import (
	"context"
	"time"

	"readout/liveblog"
	view "readout/views/desk"
)

// setAside returns the versions of an entry that were set aside, as far as the visitor may read them, compared with the
// revisions that they are based on.
func (d *Handlers) setAside(
	ctx context.Context, v visitor, b liveblog.Blog, e liveblog.Entry,
) (list []view.SetAsideView, err error) {
	const diffTimeout = 300 * time.Millisecond // for all versions together
	versions, err := d.Store.SetAside(ctx, b.Slug, e.Number)
	if err != nil {
		return nil, err
	}
	bases := map[int]liveblog.Entry{}
	deadline := time.Now().Add(diffTimeout)
	for _, version := range versions {
		if !liveblog.MayReadSetAside(v.actor(), b.Slug, version) {
			continue
		}
		base, known := bases[version.Base]
		if !known {
			revisions, err := d.Store.Revisions(ctx, b.Slug, e.Number, version.Base+1, 1)
			if err != nil {
				return nil, err
			}
			if len(revisions) > 0 {
				base = revisions[0]
			}
			bases[version.Base] = base
		}
		item := view.SetAsideView{Version: version}
		item.Compared = base.Revision == version.Base && liveblog.MayRead(v.actor(), b.Slug, base)
		if item.Compared {
			item.Changes = view.CompareEntries(base, version.AppliedTo(base), b.Location(), time.Until(deadline))
		}
		list = append(list, item)
	}
	return list, nil
}
