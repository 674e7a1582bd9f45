package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"readout/handlers/web"
	"readout/liveblog"
)

// numbered repeats a format with the numbers from 0, joined by commas.
func numbered(n int, format string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, ",")
}

// Whatever a client sends, the error answer is short, names at most MaxFieldErrors fields and counts the others. The
// test fails if a list of field errors is not bounded where it is built (FieldErrors.Addf), if
// Failure.bounded does not truncate, and without MaxProblem.
func TestErrorAnswersAreShort(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	long := strings.Repeat("<", 800_000)
	for name, tc := range map[string]struct {
		method, path, body string
		headers            []string
		faults             int // expected number; 0 if it does not matter
	}{
		"wrong keys":           {"POST", "/blogs/summit/entries", "{" + numbered(80_000, `"k%d":0`) + "}", nil, 80_000},
		"wrong keys of a blog": {"POST", "/blogs", "{" + numbered(1_000, `"k%d":0`) + "}", nil, 1_000},
		"one wrong key, repeated": {"POST", "/blogs/summit/entries",
			"{" + strings.Repeat(`"k":0,`, 10_000) + `"k":0}`, nil, 10_001},
		"a known key, repeated": {"POST", "/blogs/summit/entries",
			"{" + strings.Repeat(`"body":"x",`, 10_000) + `"body":"x"}`, nil, 10_000},
		"a long key": {"POST", "/blogs/summit/entries", `{"` + long + `":0}`, nil, 1},
		"long keys": {"POST", "/blogs/summit/entries",
			"{" + numbered(100, `"%d`+strings.Repeat(`\u0001<`, 1_000)+`":0`) + "}", nil, 100},
		"deep, unclosed": {"POST", "/blogs/summit/entries", `{"body":` + strings.Repeat("[", 900_000), nil, 0},
		"deep, closed": {"POST", "/blogs/summit/entries",
			`{"body":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "}", nil, 1},
		"a huge number": {"POST", "/blogs/summit/entries", `{"body":` + strings.Repeat("9", 800_000) + "}", nil, 1},
		"acts that are numbers": {"POST", "/blogs/summit/entries",
			`{"body":"x","acts":[` + numbered(10_000, "%d") + "]}", nil, 1},
		"acts without a kind": {"POST", "/blogs/summit/entries",
			`{"body":"x","acts":[` + numbered(50, `{"k%d":0}`) + "]}", nil, 50},
		"an act of a long kind": {"POST", "/blogs/summit/entries",
			`{"body":"x","acts":[{"kind":"` + long + `"}]}`, nil, 1},
		"an act of many fields": {"POST", "/blogs/summit/entries",
			`{"body":"x","acts":[{"kind":"move",` + numbered(10_000, `"k%d":0`) + "}]}", nil, 0},
		"acts of many fields": {"POST", "/blogs/summit/entries",
			`{"body":"x","acts":[` + numbered(50, `{"kind":"move","n":%d,`+numbered(100, `"k%d":0`)+"}") + "]}", nil,
			0},
		"an act of many points": {"POST", "/blogs/summit/entries",
			`{"body":"x","acts":[{"kind":"readout","points":[` + numbered(10_000, `"%d"`) + "]}]}", nil, 1},
		"a setup of wrong keys": {"PUT", "/blogs/summit/setup", "{" + numbered(10_000, `"k%d":0`) + "}", nil, 0},
		"a setup of many tracks": {"PUT", "/blogs/summit/setup",
			`{"tracks":[` + numbered(10_000, `{"id":%d}`) + "]}", nil, 1},
		"a setup of wrong tracks": {"PUT", "/blogs/summit/setup",
			`{"tracks":[` + numbered(100, `{"id":%d,"name":0}`) + "]}", nil, 200},
		"tracks of wrong keys": {"PUT", "/blogs/summit/setup",
			`{"tracks":[` + numbered(90, `{"id":"t%d",`+numbered(90, `"k%d":0`)+"}") + "]}", nil, 90 * 90},
		"a long revision": {"PATCH", "/blogs/summit/entries/1", `{"body":"x"}`,
			[]string{"If-Match", `"` + strings.Repeat("<", 8_000) + `"`}, 0},
		"many revisions": {"PATCH", "/blogs/summit/entries/1", `{"body":"x"}`,
			[]string{"If-Match", strings.Repeat(`"7",`, 3_000) + `"9"`}, 0},
		"a long idempotency key": {"POST", "/blogs/summit/entries", `{"body":"x"}`,
			[]string{"Idempotency-Key", strings.Repeat("<", 8_000)}, 1},
		"a long type": {"POST", "/blogs/summit/entries", `{"body":"x"}`,
			[]string{"Content-Type", "text/" + strings.Repeat("x", 8_000)}, 1},
		"a long name of a blog": {"GET", "/blogs/" + strings.Repeat("%3C", 4_000), "", nil, 0},
		"a long number":         {"GET", "/blogs/summit/entries?before=" + strings.Repeat("9", 8_000), "", nil, 1},
		"a long moment":         {"GET", "/blogs/summit/board?at=" + strings.Repeat("%3C", 4_000), "", nil, 1},
		"many parameters": {"GET", "/blogs/summit/entries?limit=0" + strings.Repeat("&limit=x", 1_500), "", nil,
			1},
		"a long token": {"GET", "/blogs", "",
			[]string{"Authorization", "Bearer " + strings.Repeat("<", 8_000)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			headers := tc.headers
			if tc.body != "" {
				headers = append([]string{"Content-Type", "application/json"}, headers...)
			}
			headers = append([]string{"Authorization", "Bearer " + s.tokens[liveblog.Editor]}, headers...)
			for _, header := range []string{"Content-Type", "Authorization"} { // those of the row take precedence
				if n := len(headers) - 2; n >= 2 && headers[n] == header {
					for i := 0; i < n; i += 2 {
						if headers[i] == header {
							headers = append(headers[:i:i], headers[i+2:]...)
							break
						}
					}
				}
			}
			a := s.do(t, tc.method, "/api/v1"+tc.path, tc.body, headers...)
			if len(a.body) > web.MaxProblem || a.StatusCode < 400 || a.StatusCode >= 500 {
				t.Fatalf("a request of %d bytes is answered with status %d and %d bytes: %.300s", len(tc.body),
					a.StatusCode, len(a.body), a.body)
			}
			var p web.Problem
			a.json(t, &p)
			if len(p.Errors) > liveblog.MaxFieldErrors {
				t.Errorf("the answer lists %d fields", len(p.Errors))
			}
			if n := len(p.Errors) + p.ErrorsOmitted; tc.faults != 0 && n != tc.faults {
				t.Errorf("the answer counts %d field errors, want %d: %.300s", n, tc.faults, a.body)
			}
			if p.ErrorsOmitted > 0 != strings.Contains(p.Detail, "not listed") {
				t.Errorf("the detail is %q with %d omitted field errors", p.Detail, p.ErrorsOmitted)
			}
		})
	}
}

// Error pages do not repeat long addresses either.
func TestErrorPagesAreShort(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	plain := len(s.do(t, "GET", "/live/nowhere", "").want(t, 404).body)
	long := strings.Repeat("%3C", 4_500)
	for _, path := range []string{"/live/" + long, "/live/summit/board/" + long, "/live/summit/speakers/" + long,
		"/live/summit?before=" + long, "/live/summit?from=" + long,
		"/live/summit/board?at=" + long, "/live/summit?x=1" + strings.Repeat("&a=b", 3_500) + "&before=x",
		"/live/summit/texts/" + long, "/" + long, "/assets/" + long} {
		if a := s.do(t, "GET", path, ""); a.StatusCode < 400 || len(a.body) > plain+4<<10 {
			t.Errorf("%.60s… answers %d with %d bytes, /live/nowhere with %d", path, a.StatusCode, len(a.body), plain)
		}
	}
}

// A failed form contains everything that was typed, but lists only the first problems. The test fails without the
// limits of the commands, of typedSetup, setupLine.problemf and readLines, each of which builds a list.
func TestFormsListFewProblems(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	token := b.get(t, "/desk/summit").want(t, 200).doc(t).Find("input[name=csrf]").First().AttrOr("value", "")
	for name, tc := range map[string]struct {
		path    string
		form    url.Values
		status  int
		message string
	}{
		"commands": {"/desk/summit", url.Values{"body": {"x"}, "acts": {strings.Repeat("/nope\n", 20_000)},
			"action": {"publish"}}, 422, "20000 commands need a change. 19980 more are not listed."},
		"commands in text": {"/desk/summit",
			url.Values{"body": {strings.Repeat("/move nowhere\n", 3_000)}, "action": {"publish"}}, 422, "not listed."},
		"lines": {"/desk/summit/setup", url.Values{"tracks": {strings.Repeat("关\n", 30_000)}}, 422,
			"not listed."},
		"bars": {"/desk/summit/setup", url.Values{"tracks": {"A" + strings.Repeat("|x", 200_000)}}, 422, ""},
		"a long line": {"/desk/summit/setup",
			url.Values{"sessions": {"A | starts " + strings.Repeat("关", 50_000)}}, 422, ""},
		"fields": {"/desk/summit", url.Values{"x": make([]string, 100_000)}, 400, "more than 256 fields"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.path == "/desk/summit/setup" {
				tc.form = b.fill(t, tc.path, "main form", tc.form)
			}
			tc.form.Set("csrf", token)
			a := b.post(t, tc.path, tc.form).want(t, tc.status)
			doc := a.doc(t)
			if n := doc.Find(".problem li").Length(); n > liveblog.MaxFieldErrors {
				t.Errorf("the page lists %d problems", n)
			}
			message := words(doc.Find(".problem, main > p"))
			if len(message) > web.MaxProblem || !strings.Contains(message, tc.message) {
				t.Errorf("the message is %.300s (%d bytes), want %q", message, len(message), tc.message)
			}
		})
	}
}
