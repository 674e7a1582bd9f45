package handlers

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"readout/handlers/web"

	"github.com/emersion/go-ical"
)

// strictLines checks the rules of RFC 5545 for lines: they end in CRLF, have at most 75 octets and are folded between
// characters.
func strictLines(t *testing.T, body []byte) {
	t.Helper()
	text := string(body)
	if !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") ||
		strings.Count(text, "\r") != strings.Count(text, "\r\n") {
		t.Error("not all lines end in CRLF")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || !utf8.ValidString(line) {
			t.Errorf("the line %q has %d octets", line, len(line))
		}
	}
}

func TestAgendaCalendar(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	a := s.do(t, "GET", "/live/summit/agenda.ics", "").want(t, 200).
		header(t, "Content-Type", "text/calendar; charset=utf-8").
		header(t, "Cache-Control", web.CacheLive)
	s.do(t, "GET", "/live/summit/agenda.ics", "", "If-None-Match", a.Header.Get("ETag")).want(t, 304)
	strictLines(t, a.body)
	cal, err := ical.NewDecoder(bytes.NewReader(a.body)).Decode()
	if err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if got, _ := cal.Props.Text("VERSION"); got != "2.0" {
		t.Errorf("version %q", got)
	}
	type event struct{ uid, summary, status, sequence, place, starts, ends, description string }
	want := map[string]event{
		"leaders": {"leaders.summit@live.example", "Leaders’ meeting; first, in private", "CONFIRMED", "1",
			"Gimhae Air Base, Busan",
			"20251030T024000Z", "20251030T041000Z", "Under way, 40 min later than planned"},
		"signing": {"signing.summit@live.example", "Postponed: Signing", "TENTATIVE", "1", "",
			"20251030T070000Z", "", "Postponed"},
		"dinner": {"dinner.summit@live.example", "Dinner", "CANCELLED", "1", "", "20251030T090000Z", "", "Cancelled"},
	}
	got := map[string]event{}
	value := func(e ical.Event, name string) string {
		if p := e.Props.Get(name); p != nil {
			return p.Value
		}
		return ""
	}
	text := func(e ical.Event, name string) string {
		v, err := e.Props.Text(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return v
	}
	for _, e := range cal.Events() {
		id, _, _ := strings.Cut(value(e, "UID"), ".")
		got[id] = event{value(e, "UID"), text(e, "SUMMARY"), value(e, "STATUS"),
			value(e, "SEQUENCE"), text(e, "LOCATION"),
			value(e, "DTSTART"), value(e, "DTEND"), text(e, "DESCRIPTION")}
		for _, name := range []string{"DTSTAMP", "LAST-MODIFIED"} {
			if at, err := e.Props.DateTime(name, nil); err != nil || time.Since(at) > time.Hour {
				t.Errorf("%s: %v %v", name, at, err)
			}
		}
		if want := testBase + "/live/summit/agenda#session-" + id; value(e, "URL") != want {
			t.Errorf("the address is %q, want %q", value(e, "URL"), want)
		}
	}
	for id, e := range want {
		if got[id] != e {
			t.Errorf("%s: %+v, want %+v", id, got[id], e)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d events, want %d", len(got), len(want))
	}

	s.post(t, `{"body":"B","acts":[{"kind":"session","session":"leaders","status":"over",`+
		`"ends":"2025-10-30T04:20:00Z"}]}`)
	later := s.do(t, "GET", "/live/summit/agenda.ics", "", "If-None-Match", a.Header.Get("ETag")).want(t, 200)
	for _, line := range []string{"UID:leaders.summit@live.example\r\n", "SEQUENCE:2\r\n",
		"DTEND:20251030T042000Z\r\n"} {
		if !bytes.Contains(later.body, []byte(line)) {
			t.Errorf("no line %q in %s", line, later.body)
		}
	}
}

func TestCalendarWithoutSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.do(t, "GET", "/live/summit/agenda.ics", "").want(t, 200)
	strictLines(t, a.body)
	if cal, err := ical.NewDecoder(bytes.NewReader(a.body)).Decode(); err != nil || len(cal.Events()) != 0 {
		t.Errorf("%v, %v", cal, err)
	}
}
