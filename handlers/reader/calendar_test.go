package reader

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/emersion/go-ical"
)

func TestCalendarFoldsAndEscapesLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("中美经贸磋商，", 30) + "; with, commas\\ and “signs” 🇰🇷" +
		strings.Repeat("x", 200)
	b := liveblog.Blog{Slug: "s", Title: long, TimeZone: "Asia/Seoul", Language: "zh"}
	at := time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)
	talks := liveblog.Fold(liveblog.Setup{
		Sessions: []liveblog.AgendaItem{{ID: "one", Name: long, Place: long, Starts: at}}}, nil)
	body, err := calendar(views.Site{Name: "Readout", BaseURL: "https://live.example"}, b, &talks, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(body), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line has %d bytes: %q", len(line), line)
		}
	}
	cal, err := ical.NewDecoder(bytes.NewReader(body)).Decode()
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, name := range []string{"SUMMARY", "LOCATION"} {
		if got, err := cal.Events()[0].Props.Text(name); got != long || err != nil {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
}
