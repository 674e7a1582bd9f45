package liveblog_test

import (
	"testing"

	"readout/liveblog"
)

// TestPurged fails if an entry with a headline or acts alone passes for purged because an earlier revision was.
func TestPurged(t *testing.T) {
	t.Parallel()
	at := hour(1)
	for name, tc := range map[string]struct {
		entry liveblog.Entry
		want  bool
	}{
		"purged":              {liveblog.Entry{PurgedAt: at}, true},
		"a text":              {liveblog.Entry{PurgedAt: at, Body: "B."}, false},
		"a headline alone":    {liveblog.Entry{PurgedAt: at, Headline: "H"}, false},
		"acts alone":          {liveblog.Entry{PurgedAt: at, Acts: `[{"kind":"cite"}]`}, false},
		"nothing was deleted": {liveblog.Entry{}, false},
	} {
		if got := tc.entry.Purged(); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
