package liveblog_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// A word of a fixed list, such as a state, is taken as messages and pages show it, and stored in the one form that is
// documented. The test fails if a list of words is compared with what was typed directly.
func TestWordsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk(t)
	starts := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	setup := liveblog.Setup{
		Tracks:   []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}},
		Speakers: []liveblog.Speaker{{ID: "he", Name: "He Lifeng"}},
		Sessions: []liveblog.AgendaItem{{ID: "plenary", Name: "Plenary", Starts: starts}},
		Approval: []liveblog.TrackState{"Text  circulating", "SIGNED"},
	}
	talks, err := desk.UpdateSetup(t.Context(), admin, "talks", setup)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(talks.Setup.Approval); got != "[text_circulating signed]" {
		t.Errorf("the states that need approval are %s", got)
	}
	for _, row := range []struct{ typed, stored string }{
		{`{"kind":"Move","track":"tariffs","to":"RAISED"}`, `"to":"raised"`},
		{`{"kind":"move","track":"tariffs","to":"in talks"}`, `"to":"in_talks"`},
		{`{"kind":"move","track":"tariffs","to":"stalled"}`, `"to":"stalled"`},
		{`{"kind":"move","track":"tariffs","to":"In-Talks"}`, `"to":"in_talks"`},
		{`{"kind":"claim","claim":"soy","status":"Reported","text":"Soy again."}`, `"status":"reported"`},
		{`{"kind":"session","session":"plenary","status":"Under way"}`, `"status":"under_way"`},
		{`{"kind":"session","session":"plenary","status":"OVER"}`, `"status":"over"`},
		{`{"kind":"quote","speaker":"he","text":"Soon.","record":"Background"}`, `"record":"background"`},
	} {
		acts, err := liveblog.ParseActs([]byte("[" + row.typed + "]"))
		if err != nil {
			t.Errorf("%s: %v", row.typed, err)
			continue
		}
		e, _, err := desk.Post(t.Context(), editor, "talks", liveblog.EntryInput{Body: "x", Acts: acts, Status: "Published"}, nil)
		if err != nil || !strings.Contains(string(e.Acts), row.stored) || e.Status != liveblog.Published {
			t.Errorf("%s is stored as %s, status %s, error %v", row.typed, e.Acts, e.Status, err)
		}
	}
	status := liveblog.BlogStatus(" Live ")
	if b, err := desk.UpdateBlog(t.Context(), editor, "talks", liveblog.BlogPatch{Status: &status}); err != nil ||
		b.Status != liveblog.Live {
		t.Errorf("the blog's status is %q, error %v", b.Status, err)
	}
}
