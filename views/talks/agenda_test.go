package talks

import (
	"testing"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/google/go-cmp/cmp"
)

func editionIn(zone, language string) views.Edition {
	return views.NewEdition(liveblog.Blog{Slug: "s", TimeZone: zone, Language: language})
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestSlipBetween(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ zone, planned, actual, want string }{
		"on time": {"Asia/Seoul", "2025-10-30T11:00:00+09:00", "2025-10-30T11:00:40+09:00", ""},
		"late": {
			"Asia/Seoul", "2025-10-30T11:00:00+09:00", "2025-10-30T11:40:00+09:00", "40 min later than planned",
		},
		"seconds are ignored": {
			"Asia/Seoul", "2025-10-30T11:00:50+09:00", "2025-10-30T11:01:05+09:00", "1 min later than planned",
		},
		"early": {
			"Asia/Seoul", "2025-10-30T11:00:00+09:00", "2025-10-30T09:45:00+09:00",
			"1 h 15 min earlier than planned",
		},
		"a full hour": {
			"Asia/Seoul", "2025-10-30T11:00:00+09:00", "2025-10-30T12:00:00+09:00", "1 h later than planned",
		},
		"past midnight": {
			"Asia/Seoul", "2025-10-30T23:30:00+09:00", "2025-10-31T00:10:00+09:00", "40 min later than planned",
		},
		"another zone's date": {
			"Asia/Seoul", "2025-10-29T22:00:00-04:00", "2025-10-30T11:40:00+09:00", "40 min later than planned",
		},
		"a day": {
			"Asia/Seoul", "2025-10-30T11:00:00+09:00", "2025-10-31T11:00:00+09:00", "1 day later than planned",
		},
		"days and hours": {
			"Asia/Seoul", "2025-10-30T11:00:00+09:00", "2025-11-01T14:30:00+09:00",
			"2 days 3 h 30 min later than planned",
		},
		"two days early": {
			"Asia/Seoul", "2025-10-30T11:00:00+09:00", "2025-10-28T11:00:00+09:00",
			"2 days earlier than planned",
		},
		"a night of 25 hours": {
			"America/New_York", "2025-11-01T10:00:00-04:00", "2025-11-02T10:00:00-05:00",
			"1 day later than planned",
		},
		"a night of 23 hours": {
			"America/New_York", "2026-03-07T10:00:00-05:00", "2026-03-08T10:00:00-04:00",
			"1 day later than planned",
		},
		"a repeated hour": {
			"America/New_York", "2025-11-02T01:30:00-04:00", "2025-11-02T01:30:00-05:00",
			"1 h later than planned",
		},
		"a skipped hour": {
			"America/New_York", "2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00",
			"1 h later than planned",
		},
		"clocks move 30 minutes": {
			"Australia/Lord_Howe", "2026-04-04T10:00:00+11:00", "2026-04-05T10:00:00+10:30",
			"1 day later than planned",
		},
	} {
		got := slipBetween(editionIn(row.zone, "en"), moment(t, row.planned), moment(t, row.actual))
		if got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestEndOfAndCapitals(t *testing.T) {
	t.Parallel()
	seoul, tehran := editionIn("Asia/Seoul", "en"), editionIn("Asia/Tehran", "fa")
	from, to := moment(t, "2025-10-29T23:30:00+09:00"), moment(t, "2025-10-30T01:10:00+09:00")
	if got := endOf(seoul, from, to); got != "01:10, 30 Oct" {
		t.Errorf("the end is %q", got)
	}
	if got := endOf(seoul, from, from.Add(20*time.Minute)); got != "23:50" {
		t.Errorf("the end on the same day is %q", got)
	}
	if got := endOf(tehran, from, from.Add(24*time.Hour)); got != "18:00, 30 Oct" {
		t.Errorf("the end in a blog of another language is %q", got)
	}
	setup := liveblog.Setup{Parties: []liveblog.Party{
		{ID: "us", Capital: "Washington", TimeZone: "America/New_York"},
		{ID: "china", Capital: "Beijing", TimeZone: "Asia/Shanghai"},
		{ID: "korea", Capital: "Seoul", TimeZone: "Asia/Seoul"},
		{ID: "eu"},
	}}
	for name, row := range map[string]struct {
		at   string
		want []capitalTime
	}{
		"the day before in Washington": {
			"2025-10-30T11:00:00+09:00", []capitalTime{{"Washington", "22:00, 29 Oct"}, {"Beijing", "10:00"}},
		},
		"after the clocks went back": {
			"2025-11-02T15:30:00+09:00", []capitalTime{{"Washington", "01:30 (UTC−5)"}, {"Beijing", "14:30"}},
		},
		"the day before in Beijing": {
			"2026-01-01T00:30:00+09:00",
			[]capitalTime{{"Washington", "10:30, 31 Dec"}, {"Beijing", "23:30, 31 Dec"}},
		},
	} {
		got := capitals(seoul, setup, moment(t, row.at))
		if diff := cmp.Diff(row.want, got, cmp.AllowUnexported(capitalTime{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// sessions returns the talks after acts on the sessions a, b and c, which are planned for 9:00, 12:00 and 15:00 in
// Seoul.
func sessions(t *testing.T, acts ...liveblog.Act) *liveblog.Talks {
	t.Helper()
	setup := liveblog.Setup{}
	for id, at := range map[string]string{
		"a": "2025-10-30T09:00:00+09:00",
		"b": "2025-10-30T12:00:00+09:00",
		"c": "2025-10-30T15:00:00+09:00",
	} {
		setup.Sessions = append(setup.Sessions, liveblog.AgendaItem{ID: id, Name: id, Starts: moment(t, at)})
	}
	var statements []liveblog.Statement
	for i, a := range acts {
		a.Kind = liveblog.ActSession
		at := moment(t, "2025-10-30T12:05:00+09:00").Add(time.Duration(i) * time.Minute)
		statements = append(statements, liveblog.Statement{
			By:   liveblog.By{Entry: i + 1, At: at},
			Acts: liveblog.NewActs([]liveblog.Act{a}),
		})
	}
	talks := liveblog.Fold(setup, statements)
	return &talks
}

func TestNowAndNext(t *testing.T) {
	t.Parallel()
	later := moment(t, "2025-10-31T09:00:00+09:00")
	for name, row := range map[string]struct {
		acts []liveblog.Act
		now  string
		next string
	}{
		"nothing yet":              {nil, "", "a"},
		"the first is under way":   {[]liveblog.Act{{Session: "a", Status: "under_way"}}, "a", "b"},
		"the first is over":        {[]liveblog.Act{{Session: "a", Status: "over"}}, "", "b"},
		"one was never reported":   {[]liveblog.Act{{Session: "b", Status: "under_way"}}, "b", "c"},
		"cancelled":                {[]liveblog.Act{{Session: "a", Status: "cancelled"}}, "", "b"},
		"postponed without a time": {[]liveblog.Act{{Session: "a", Status: "postponed"}}, "", "b"},
		"postponed to a new time": {
			[]liveblog.Act{
				{Session: "b", Status: "over"}, {Session: "a", Status: "postponed", Starts: &later},
				{Session: "c", Status: "cancelled"},
			},
			"", "a",
		},
		"postponed again": {
			[]liveblog.Act{
				{Session: "a", Status: "postponed", Starts: &later}, {Session: "a", Status: "cancelled"},
				{Session: "a", Status: "postponed"},
			},
			"", "b",
		},
		"all over": {
			[]liveblog.Act{
				{Session: "a", Status: "over"}, {Session: "b", Status: "over"},
				{Session: "c", Status: "cancelled"},
			},
			"", "",
		},
	} {
		now, next := nowAndNext(sessions(t, row.acts...))
		var gotNow, gotNext string
		for _, s := range now {
			gotNow += s.ID
		}
		if next != nil {
			gotNext = next.ID
		}
		if gotNow != row.now || gotNext != row.next {
			t.Errorf("%s: now %q and next %q, want %q and %q", name, gotNow, gotNext, row.now, row.next)
		}
	}
}

func TestSessionTitle(t *testing.T) {
	t.Parallel()
	s := sessions(t, liveblog.Act{Session: "a", Status: liveblog.Postponed}).Agenda[0]
	for language, want := range map[string]string{
		"en": "Postponed: a", "fa": "Postponed: a", "ko": "연기: a", "fr": "Reportée\u00a0: a",
	} {
		if got := SessionTitle(liveblog.Blog{TimeZone: "Asia/Seoul", Language: language}, s); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
	}
}

func TestSlipInEachLanguage(t *testing.T) {
	t.Parallel()
	planned := moment(t, "2025-10-30T11:00:00+09:00")
	for language, want := range map[string]string{
		"zh": "比原计划晚 2 天 1 小时 10 分钟",
		"ko": "예정보다 2일 1시간 10분 늦음",
		"es": "2 días 1 h 10 min más tarde de lo previsto",
		"fr": "2 jours 1\u00a0h 10\u00a0min plus tard que prévu",
		"ar": "بتأخير يومين وساعة واحدة و10 دقائق عن الموعد المقرر",
	} {
		late := planned.Add(49*time.Hour + 10*time.Minute)
		if got := slipBetween(editionIn("Asia/Seoul", language), planned, late); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
	}
}

func TestSessionWords(t *testing.T) {
	t.Parallel()
	late := moment(t, "2025-10-30T09:40:00+09:00")
	for status, want := range map[string]string{
		"planned":   "Planned, 40 min later than planned",
		"under_way": "Under way, 40 min later than planned",
		"over":      "Over, 40 min later than planned",
		"postponed": "Postponed, 40 min later than planned",
		"cancelled": "Cancelled",
	} {
		talks := sessions(t, liveblog.Act{Session: "a", Status: status, Starts: &late})
		for _, s := range talks.Agenda {
			if s.ID == "a" {
				if got := SessionWords(liveblog.Blog{TimeZone: "Asia/Seoul", Language: "en"}, s); got != want {
					t.Errorf("%s: %q, want %q", status, got, want)
				}
			}
		}
	}
}
