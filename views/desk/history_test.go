package desk

import (
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/diff"

	"github.com/google/go-cmp/cmp"
)

func TestHistoryComparesEachRevisionWithTheOneBefore(t *testing.T) {
	t.Parallel()
	list := []liveblog.Entry{
		{Revision: 3, Headline: "H", Body: "b", Pinned: true},
		{Revision: 2, Headline: "H", Body: "b"},
		{Revision: 1, Body: "a"},
	}
	for _, within := range []time.Duration{0, time.Minute} {
		want := []RevisionView{
			{Entry: list[0], Changes: []diff.FieldChange{
				{Name: "Pinned", Passages: []diff.Passage{
					{Op: diff.Deleted, Text: "no"}, {Op: diff.Inserted, Text: "yes"},
				}},
			}},
			{Entry: list[1], Changes: []diff.FieldChange{
				{Name: "Headline", Passages: []diff.Passage{{Op: diff.Inserted, Text: "H"}}},
				{Name: "Text", Passages: []diff.Passage{{Op: diff.Deleted, Text: "a"}, {Op: diff.Inserted, Text: "b"}}},
			}},
			{Entry: list[2]},
		}
		if diff := cmp.Diff(want, Revisions(list, time.UTC, within)); diff != "" {
			t.Error(diff)
		}
	}
}
