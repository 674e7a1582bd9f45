package handlers

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"readout/handlers/web"
	"readout/liveblog"

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
	type event struct{ uid, summary, status, place, starts, ends, description string }
	want := map[string]event{
		"leaders": {"leaders.summit@live.example", "Leaders’ meeting; first, in private", "CONFIRMED",
			"Gimhae Air Base, Busan",
			"20251030T024000Z", "20251030T041000Z", "Under way, 40 min later than planned"},
		"signing": {"signing.summit@live.example", "Postponed: Signing", "TENTATIVE", "",
			"20251030T070000Z", "", "Postponed"},
		"dinner": {"dinner.summit@live.example", "Dinner", "CANCELLED", "", "20251030T090000Z", "", "Cancelled"},
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
			text(e, "LOCATION"),
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
	for _, line := range []string{"UID:leaders.summit@live.example\r\n", "DTEND:20251030T042000Z\r\n"} {
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

// versions returns what decides whether a calendar program takes an event again, by UID, and the rest of the event.
func versions(t *testing.T, body []byte) map[string]calendarVersion {
	t.Helper()
	cal, err := ical.NewDecoder(bytes.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	all := map[string]calendarVersion{}
	for _, e := range cal.Events() {
		var v calendarVersion
		if v.modified, err = e.Props.DateTime("LAST-MODIFIED", nil); err != nil {
			t.Fatal(err)
		}
		if v.sequence, err = e.Props.Get("SEQUENCE").Int(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"DTSTART", "DTEND", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION"} {
			if p := e.Props.Get(name); p != nil {
				v.shown += name + ":" + p.Value + "\n"
			}
		}
		all[e.Props.Get("UID").Value] = v
	}
	return all
}

type calendarVersion struct {
	modified time.Time
	sequence int
	shown    string
}

// In random histories of the setup, acts, edits and removals, SEQUENCE and LAST-MODIFIED of an event never fall, and
// SEQUENCE rises whenever what the event shows has changed. The test fails if they are taken from the session's
// history, from the time of its latest act or from the blog's creation.
func TestCalendarVersionsOnlyRise(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 0))
		s := newRecordSite(t)
		last := versions(t, s.do(t, "GET", "/live/summit/agenda.ics", "").want(t, 200).body)
		sessions := []string{"leaders", "dinner", "signing"}
		entries := 5
		for step := range 40 {
			session := sessions[random.IntN(3)]
			starts := time.Date(2025, 10, 30, random.IntN(20), 0, 0, 0, time.UTC).Format(time.RFC3339)
			act := fmt.Sprintf(`"acts":[{"kind":"session","session":%q,"status":%q,"starts":%q,"ends":null}]`, session,
				[]string{"planned", "under_way", "postponed", "cancelled"}[random.IntN(4)], starts)
			act = strings.Replace(act, `,"ends":null`, "", 1)
			entry := fmt.Sprintf("/blogs/summit/entries/%d", 1+random.IntN(entries))
			var a answer
			switch random.IntN(5) {
			case 0:
				a = s.call(t, liveblog.Editor, "PUT", "/blogs/summit/setup",
					strings.Replace(recordSetup, "2025-10-30T07:00:00Z", starts, 1))
			case 1:
				a = s.call(t, liveblog.Editor, "PATCH", entry, `{"body":"Edited.",`+act+`}`)
			case 2:
				a = s.call(t, liveblog.Editor, "DELETE", entry, "")
			case 3:
				a = s.call(t, liveblog.Editor, "PATCH", "/blogs/summit",
					fmt.Sprintf(`{"language":%q}`, []string{"en", "fr", "ko"}[random.IntN(3)]))
			default:
				a = s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"B",`+act+`}`)
				if a.StatusCode == 201 {
					entries++
				}
			}
			if a.StatusCode >= 500 {
				t.Fatalf("seed %d, step %d: %s", seed, step, a.body)
			}
			next := versions(t, s.do(t, "GET", "/live/summit/agenda.ics", "").want(t, 200).body)
			for uid, v := range next {
				before := last[uid]
				if v.sequence < before.sequence || v.modified.Before(before.modified) ||
					v.shown != before.shown && v.sequence == before.sequence {
					t.Fatalf("seed %d, step %d: %s is %+v after %+v", seed, step, uid, v, before)
				}
			}
			last = next
		}
		past := versions(t, s.do(t, "GET", "/live/summit/agenda.ics?at=2025-10-01T00:00:00Z", "").want(t, 200).body)
		for uid, v := range past {
			if v.sequence >= last[uid].sequence || !v.modified.Before(last[uid].modified) {
				t.Errorf("%s of a past moment is %+v, now %+v", uid, v, last[uid])
			}
		}
	}
}

// A property has each of its parameters once (RFC 5545, section 3.2). The test fails if the calendar adds a parameter
// that the library sets as well.
func TestCalendarParametersAreThereOnce(t *testing.T) {
	t.Parallel()
	s := newRecordSite(t)
	body := string(s.do(t, "GET", "/live/summit/agenda.ics", "").want(t, 200).body)
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n ", ""), "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		seen := map[string]bool{}
		for _, param := range strings.Split(name, ";")[1:] {
			key, _, _ := strings.Cut(param, "=")
			if seen[key] {
				t.Errorf("%q has %s twice", line, key)
			}
			seen[key] = true
		}
	}
	if !strings.Contains(body, "REFRESH-INTERVAL;VALUE=DURATION:PT5M\r\n") {
		t.Errorf("no refresh interval in %s", body)
	}
}
