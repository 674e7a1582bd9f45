package views

import (
	"testing"
	"time"

	"readout/liveblog"

	"github.com/google/go-cmp/cmp"
)

func TestHistoryComparesEachRevisionWithTheOneBefore(t *testing.T) {
	t.Parallel()
	list := []liveblog.Entry{{Revision: 3, Headline: "H", Body: "b", Pinned: true}, {Revision: 2, Headline: "H", Body: "b"}, {Revision: 1, Body: "a"}}
	for _, within := range []time.Duration{0, time.Minute} {
		want := []RevisionView{
			{Entry: list[0], Changes: []FieldChange{{"Pinned", []Passage{{Deleted, "no"}, {Inserted, "yes"}}}}},
			{Entry: list[1], Changes: []FieldChange{{"Headline", []Passage{{Inserted, "H"}}}, {"Text", []Passage{{Deleted, "a"}, {Inserted, "b"}}}}},
			{Entry: list[2]},
		}
		if diff := cmp.Diff(want, History(list, time.UTC, within)); diff != "" {
			t.Error(diff)
		}
	}
}
