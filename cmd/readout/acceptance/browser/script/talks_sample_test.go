package script_test

import (
	"fmt"
	"slices"
	"time"

	"readout/liveblog"
)

// richSetup returns a setup with five tracks, two parties, two speakers, a meeting and a session.
func richSetup() liveblog.Setup {
	leaders := time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)
	return liveblog.Setup{
		Tracks: []liveblog.Track{
			{ID: "tariffs", Name: "Tariffs", Description: "Duties on both sides."},
			{ID: "rare-earths", Name: "Rare earths"},
			{ID: "chips", Name: "Chips"},
			{ID: "taiwan", Name: "Taiwan"},
			{ID: "port-fees", Name: "Port fees"},
		},
		Parties: []liveblog.Party{{ID: "us", Name: "United States"}, {ID: "china", Name: "China"}},
		Speakers: []liveblog.Speaker{
			{ID: "bessent", Name: "Scott Bessent", Office: "U.S. Treasury Secretary", Party: "us"},
			{ID: "he-lifeng", Name: "He Lifeng", Office: "Vice Premier of China", Party: "china"},
		},
		Meetings: []liveblog.Meeting{{ID: "leaders", Name: "The leaders' meeting", At: &leaders}},
		Sessions: []liveblog.AgendaItem{{ID: "leaders", Name: "The leaders' meeting", Place: "Busan", Starts: leaders}},
	}
}

// richActs returns the acts of the entries 1, 2 and so on.
func richActs() [][]liveblog.Act {
	const source = "https://www.news.example/a"
	move := func(track string, to liveblog.TrackState) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActMove, Track: track, To: to}
	}
	position := func(party, track, speaker, text string) liveblog.Act {
		return liveblog.Act{
			Kind: liveblog.ActPosition, Party: party, Track: track, Speaker: speaker, Text: text, Source: source,
		}
	}
	claim := func(id, status, text, by string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActClaim, Claim: id, Status: status, Text: text, Attribution: by}
	}
	cite := func(id string) liveblog.Act { return liveblog.Act{Kind: liveblog.ActCite, Claim: id} }
	figure := func(id, value, unit string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActFigure, Figure: id, Value: value, Unit: unit, Source: source}
	}
	sourced := move("rare-earths", liveblog.Agreed)
	sourced.Source = source
	return [][]liveblog.Act{
		{
			move("tariffs", liveblog.Raised), move("rare-earths", liveblog.Raised),
			move("chips", liveblog.Raised), move("taiwan", liveblog.Raised),
			figure("average-tariff", "57", "%"), figure("truce-ends", "10 Nov 2025", ""),
			position("china", "rare-earths", "", "The controls stay."),
		},
		{
			move("tariffs", liveblog.InTalks), move("rare-earths", liveblog.InTalks),
			claim("soybeans", "reported", "China will buy soybeans again.", "two officials"),
			claim("truce", "reported", "The truce will be extended.", "claim:soybeans"),
		},
		{
			move("chips", liveblog.Stalled), move("taiwan", liveblog.Collapsed),
			cite("soybeans"), figure("average-tariff", "52", "%"),
			claim("licences", "reported", "Licences will be issued.", "Scott Bessent"),
		},
		{
			sourced, claim("soybeans", "corroborated", "", "Scott Bessent"), claim("licences", "denied", "", ""),
			figure("average-tariff", "47", "%"), figure("truce-ends", "10 Nov 2026", ""),
			claim("handshake", "reported", "The leaders will meet again in April.", "a pool reporter"),
			position("china", "rare-earths", "he-lifeng", "The controls are suspended for a year."),
		},
		{
			claim("handshake", "withdrawn", "", ""), cite("nothing"),
			position("us", "tariffs", "bessent", "The average goes to 47%."),
			{Kind: liveblog.ActQuote, Speaker: "he-lifeng", Text: "We have a basic consensus."},
			{Kind: liveblog.ActSession, Session: "leaders", Status: liveblog.UnderWay},
			{Kind: liveblog.ActReadout, Meeting: "leaders", Party: "china",
				Points: []string{"[rare earths] A year's pause."}},
			{Kind: liveblog.ActText, Document: "statement", Version: "draft 1", Body: "The two sides agree."},
		},
	}
}

// richEntries returns entries with the acts, one a day from start on, the newest first.
func richEntries() (entries []liveblog.Entry) {
	for i, acts := range richActs() {
		at := start.Add(time.Duration(i) * 24 * time.Hour)
		entries = append(entries, liveblog.Entry{
			Number: i + 1, Revision: 1, Headline: fmt.Sprintf("What was said on day %d", i+1), Body: "The text.",
			Author: "Mara Lindqvist", Status: liveblog.Published, PublishedAt: at, UpdatedAt: at,
			Acts: liveblog.NewActs(acts),
		})
	}
	slices.Reverse(entries)
	return entries
}

// richTalks returns the talks after the entries.
func richTalks(entries []liveblog.Entry) liveblog.Talks {
	var statements []liveblog.Statement
	for _, e := range entries {
		by := liveblog.By{Entry: e.Number, At: e.PublishedAt}
		statements = append(statements, liveblog.Statement{By: by, Acts: e.Acts})
	}
	return liveblog.Fold(richSetup(), statements)
}

// richPage returns a blog's page whose entries have acts of every kind.
func richPage() liveblog.Page {
	entries := richEntries()
	return liveblog.Page{Head: liveblog.Head{Blog: sampleBlog()}, Entries: entries, Talks: richTalks(entries)}
}
