package handlers

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// setupNow returns a blog's setup.
func (s *deskSite) setupNow(t *testing.T) liveblog.Setup {
	t.Helper()
	_, setup, _, err := s.failingStore.Store.Statements(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	return setup
}

func TestSetupForm(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Admin)
	doc := b.get(t, "/desk/summit").doc(t)
	if doc.Find(`a[href="/desk/summit/setup"]`).Length() != 1 ||
		b.get(t, "/desk/summit/settings").doc(t).Find(`a[href="/desk/summit/setup"]`).Length() != 1 {
		t.Error("the blog's pages do not link to its setup")
	}
	typed := url.Values{
		"tracks": {"Tariffs | id tariffs\r\n\r\nRare earths & magnets | about Export \\| controls | id " +
			"rare-earths\r\nFentanyl\r\nThe U.S.’s “chips”"},
		"parties":         {"China | zone Asia/Shanghai | capital Beijing\r\nÖsterreich | id austria"},
		"speakers":        {"He Lifeng | party china | office Vice Premier"},
		"meetings":        {"Leaders’ meeting | at 2025-10-30 11:00"},
		"sessions":        {"Plenary | starts 2025-10-30 11:00 | ends 2025-10-30 12:40 | place Nurimaru | id plenary"},
		"approval_agreed": {""}, "approval_signed": {"1"},
	}
	fields := b.fill(t, "/desk/summit/setup", "main form", typed)
	fields.Del("approval_agreed") // unchecked boxes are not sent
	b.post(t, "/desk/summit/setup", fields).want(t, 303).location(t, "/desk/summit?done=setup")
	at := time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)
	ends := at.Add(100 * time.Minute)
	want := liveblog.Setup{
		Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"},
			{ID: "rare-earths", Name: "Rare earths & magnets", Description: "Export | controls"},
			{ID: "fentanyl", Name: "Fentanyl"}, {ID: "the-u-s-s-chips", Name: "The U.S.’s “chips”"}},
		Parties: []liveblog.Party{{ID: "china", Name: "China", Capital: "Beijing", TimeZone: "Asia/Shanghai"},
			{ID: "austria", Name: "Österreich"}},
		Speakers: []liveblog.Speaker{{ID: "he-lifeng", Name: "He Lifeng", Office: "Vice Premier", Party: "china"}},
		Meetings: []liveblog.Meeting{{ID: "leaders-meeting", Name: "Leaders’ meeting", At: &at}},
		Sessions: []liveblog.AgendaItem{{ID: "plenary", Name: "Plenary", Place: "Nurimaru", Starts: at, Ends: &ends}},
		Approval: []liveblog.TrackState{liveblog.Signed},
	}
	if got := s.setupNow(t); !reflect.DeepEqual(got, want) {
		t.Errorf("the setup is\n%+v, want\n%+v", got, want)
	}
	// What the form shows is parsed as the same setup.
	b.get(t, "/desk/summit/setup").holds(t, "main form", url.Values{
		"tracks": {"Tariffs | id tariffs\nRare earths & magnets | about Export \\| controls | id " +
			"rare-earths\nFentanyl | id fentanyl\nThe U.S.’s “chips” | id the-u-s-s-chips"},
		"meetings": {"Leaders’ meeting | at 2025-10-30 11:00 | id leaders-meeting"}, "approval_signed": {"1"},
		"approval_agreed": {""},
	})
}

func TestSetupProblemsNameTheLine(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		field, typed, message string
		status                int
	}{
		"an unknown option": {"parties", "China | captial Beijing",
			"Line 1: there is no option “captial” here; use capital, zone or id.", 422},
		"an option twice": {"parties", "China | capital A | capital B | zone UTC",
			"Line 1: the option “capital” comes twice.", 422},
		"a bad time zone": {"parties", "\nChina | capital Beijing | zone Asia/Bejing",
			"Line 2: “Asia/Bejing” is not a time zone; use an IANA name such as Asia/Shanghai.", 422},
		"an id twice": {"tracks",
			"Tariffs | id tariffs\nRare earths | id rare-earths\nChips | id chips\n\nTARIFFS",
			"Line 5: The id “tariffs” is there twice.", 422},
		"no name": {"tracks", "Tariffs | id tariffs\n| id x", "Line 2: It needs a name.", 422},
		"no id": {"tracks", "关税",
			"Line 1: the name cannot be turned into an id; add one in plain letters, such as | id track-1.", 422},
		"a bad id": {"tracks", "Tariffs | id Big_One",
			"Line 1: “Big_One” is no id; it takes lower-case letters, digits and single hyphens between them.",
			422},
		"a bad time": {"sessions", "Plenary | starts noon",
			"Line 1: “noon” is not a time; write it as 2025-10-30 11:00.", 422},
		"no start": {"sessions", "Plenary", "Line 1: A session needs a time to start.", 422},
		"an end before the start": {"sessions", "Plenary | starts 2025-10-30 11:00 | ends 2025-10-30 10:00",
			"Line 1: The session ends before it starts.", 422},
		"an unknown party": {"speakers", "He Lifeng | party chinz",
			"Line 1: There is no party “chinz”.", 422},
		"a problem in another list": {"parties", "United States | id us", "", 422},
		"in use": {"tracks", "Tariffs | id tariffs",
			"The track “chips” has to stay: entry 1 refers to it.", 409},
		"markup": {"tracks", `Tariffs | <img src=x onerror=alert(1)> x`,
			"Line 1: there is no option “<img” here; use about or id.", 422},
		"a script": {"tracks", `"><script>alert(1)</script> | id <script>`,
			"Line 1: “<script>” is no id; it takes lower-case letters, digits and single hyphens between them.",
			422},
		"an unused party removed": {"parties", "China | id china", "", 303},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTalksSite(t)
			s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → raised")
			b := s.browser(t, liveblog.Editor)
			before := s.setupNow(t)
			typed := url.Values{row.field: {row.typed}}
			a := b.post(t, "/desk/summit/setup", b.fill(t, "/desk/summit/setup", "main form", typed)).
				want(t, row.status)
			if row.status == 303 {
				return
			}
			if row.message == "" { // the problem is in a list that was not changed
				row.field, row.message = "speakers", "Line 1: There is no party “china”."
			}
			a.holds(t, "main form", typed)
			checkEscaped(t, a)
			if got := a.doc(t).Find("#setup-" + row.field + "-problem").Text(); got != row.message {
				t.Errorf("the message at the list is %q", got)
			}
			if got := a.doc(t).Find("main [aria-invalid=true]").AttrOr("name", ""); got != row.field {
				t.Errorf("the field marked as invalid is %q", got)
			}
			if link := a.doc(t).Find(".problem a"); link.Text() != row.message ||
				link.AttrOr("href", "") != "#setup-"+row.field {
				t.Errorf("the summary links %q to %q", link.Text(), link.AttrOr("href", ""))
			}
			if !reflect.DeepEqual(s.setupNow(t), before) {
				t.Error("something was saved")
			}
		})
	}
}

func TestTwoEditorsChangeTheSetup(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	one, two := s.browser(t, liveblog.Admin), s.browser(t, liveblog.Admin)
	const path = "/desk/summit/setup"
	// They change different lists: both changes are saved.
	mine := one.fill(t, path, "main form", url.Values{"tracks": {"Tariffs\nSoy"}, "approval_signed": {"1"}})
	theirs := two.fill(t, path, "main form", url.Values{"meetings": {"Ministers"}})
	two.post(t, path, theirs).want(t, 303)
	one.post(t, path, mine).want(t, 303)
	one.post(t, path, mine).want(t, 303) // a double click
	got := s.setupNow(t)
	if len(got.Tracks) != 2 || len(got.Meetings) != 1 || got.Meetings[0].ID != "ministers" ||
		!slices.Equal(got.Approval, []liveblog.TrackState{liveblog.Agreed, liveblog.Signed}) || len(got.Parties) != 2 {
		t.Errorf("the setup is %+v", got)
	}
	// They change the same list: the second one sees the first one's version and decides.
	mine = one.fill(t, path, "main form", url.Values{"tracks": {"Mine"}})
	two.post(t, path, two.fill(t, path, "main form", url.Values{"tracks": {"Theirs"}})).want(t, 303)
	a := one.post(t, path, mine).want(t, 409)
	a.holds(t, "main form", url.Values{"tracks": {"Mine"}})
	if got := strings.TrimSpace(a.doc(t).Find(".current pre").Text()); got != "Theirs | id theirs" {
		t.Errorf("the current version in the form is %q", got)
	}
	one.post(t, path, a.form(t, "main form", nil)).want(t, 303)
	if got := s.setupNow(t).Tracks; len(got) != 1 || got[0].Name != "Mine" {
		t.Errorf("the tracks are %v", got)
	}
}

func TestFailedSavesKeepTheSetup(t *testing.T) {
	t.Parallel()
	for _, fail := range failures {
		t.Run(fail.name, func(t *testing.T) {
			t.Parallel()
			s := newTalksSite(t)
			b := s.browser(t, liveblog.Editor)
			typed := url.Values{"tracks": {"Soy | about <b> & “b”\nx"}, "approval_signed": {"1"}}
			fields := b.fill(t, "/desk/summit/setup", "main form", typed)
			fail.prepare(s, b, fields)
			a := b.post(t, "/desk/summit/setup", fields).want(t, fail.status)
			a.holds(t, "main form", typed)
			again := a.form(t, "main form", nil)
			for _, name := range []string{"seen_tracks", "seen_approval", "parties"} {
				if again.Get(name) != fields.Get(name) {
					t.Errorf("%s is %q, want %q", name, again.Get(name), fields.Get(name))
				}
			}
			if got := a.text(t, ".problem .problem-message"); got != fail.message {
				t.Errorf("the message is %q", got)
			}
		})
	}
}

// It fails if an editor can change which moves need a second editor, at the desk or through the API, or if that keeps
// them from changing other parts of the setup.
func TestApprovalIsARight(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	const path = "/desk/summit/setup"
	page := b.get(t, path).want(t, 200)
	if n := page.doc(t).Find("#setup-approval [type=checkbox]").Length(); n != 0 {
		t.Errorf("the form offers an editor %d boxes", n)
	}
	typed := page.form(t, "main form", url.Values{"approval_signed": {"1"}, "tracks": {"Soy"}})
	a := b.post(t, path, typed).want(t, 403)
	if got := a.text(t, "#setup-approval-problem"); !strings.Contains(got, "Only admins") {
		t.Errorf("the field says %q", got)
	}
	b.post(t, path, a.form(t, "main form", url.Values{"tracks": {"Soy"}})).want(t, 303)
	got := s.setupNow(t)
	if !slices.Equal(got.Approval, []liveblog.TrackState{liveblog.Agreed}) || got.Tracks[0].Name != "Soy" {
		t.Errorf("the setup is %+v", got)
	}
	for body, want := range map[string]int{
		`{"tracks":[],"approval":["signed"]}`: 403, `{"tracks":[]}`: 403, `{"tracks":[],"approval":["agreed"]}`: 200,
	} {
		a := s.call(t, liveblog.Editor, "PUT", "/blogs/summit/setup", body).want(t, want)
		if want == 403 {
			a.problem(t, 403, liveblog.Forbidden, "approval")
		}
	}
	s.call(t, liveblog.Admin, "PUT", "/blogs/summit/setup", `{"tracks":[],"approval":["signed"]}`).want(t, 200)
}
