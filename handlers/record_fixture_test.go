package handlers

import (
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

const recordSetup = `{
	"tracks": [{"id": "rare-earths", "name": "Rare earths"}],
	"parties": [
		{"id": "us", "name": "United States", "capital": "Washington", "time_zone": "America/New_York"},
		{"id": "china", "name": "China", "capital": "Beijing", "time_zone": "Asia/Shanghai"}],
	"speakers": [{"id": "wu-xinbo", "name": "Wu Xinbo", "office": "Fudan University"}],
	"meetings": [{"id": "leaders", "name": "The leaders’ meeting", "at": "2025-10-30T02:00:00Z"}],
	"sessions": [
		{"id": "leaders", "name": "Leaders’ meeting; first, in private", "place": "Gimhae Air Base, Busan",
			"starts": "2025-10-30T02:00:00Z", "ends": "2025-10-30T03:30:00Z"},
		{"id": "dinner", "name": "Dinner", "starts": "2025-10-30T09:00:00Z"},
		{"id": "signing", "name": "Signing", "starts": "2025-10-30T07:00:00Z"}]
}`

// newRecordSite returns a site whose blog has something of each kind on record.
func newRecordSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.call(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"time_zone":"Asia/Seoul"}`).want(t, 200)
	s.call(t, liveblog.Editor, "PUT", "/blogs/summit/setup", recordSetup).want(t, 200)
	for _, acts := range []string{
		`{"kind":"session","session":"leaders","status":"under_way","starts":"2025-10-30T02:40:00Z"},
		 {"kind":"session","session":"signing","status":"postponed"},
		 {"kind":"session","session":"dinner","status":"cancelled"}`,
		`{"kind":"quote","speaker":"wu-xinbo","text":"Countermeasures are ` +
			`necessary.","original":"反制是必要的。","language":"zh-Hans"}`,
		`{"kind":"readout","meeting":"leaders","party":"china","points":["[tariffs] The tariffs come down."]},
		 {"kind":"readout","meeting":"leaders","party":"us","points":["[tariffs] Tariffs stay for now."]}`,
		`{"kind":"text","document":"joint-statement","version":"draft 1","body":"The two sides agree."}`,
		`{"kind":"text","document":"joint-statement","version":"draft 2","body":"The two sides may agree."}`,
	} {
		s.post(t, `{"headline":"H","body":"B","acts":[`+acts+`]}`)
	}
	return s
}

func (a answer) html(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }
