package node

import (
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
)

// StartTalks starts a node whose blog "summit" has tracks, parties, a speaker and a session, and two entries with acts.
func StartTalks(t *testing.T, adjust ...func(*server.Settings)) *Node {
	t.Helper()
	n := Start(t, adjust...)
	n.CreateBlog("summit", "The summit")
	leaders := time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)
	n.UpdateSetup("summit", liveblog.Setup{
		Tracks: []liveblog.Track{
			{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: "Rare earths"}, {ID: "chips", Name: "Chips"},
		},
		Parties: []liveblog.Party{{ID: "us", Name: "United States"}, {ID: "china", Name: "China"}},
		Speakers: []liveblog.Speaker{
			{ID: "he-lifeng", Name: "He Lifeng", Office: "Vice Premier of China", Party: "china"},
		},
		Sessions: []liveblog.AgendaItem{{ID: "leaders", Name: "The leaders' meeting", Place: "Busan", Starts: leaders}},
	})
	position := func(text string) liveblog.Act {
		return liveblog.Act{
			Kind: liveblog.ActPosition, Party: "china", Track: "rare-earths", Text: text, Speaker: "he-lifeng",
		}
	}
	n.State("The talks begin", Move("tariffs", liveblog.InTalks), Move("rare-earths", liveblog.Raised),
		liveblog.Act{
			Kind: liveblog.ActClaim, Claim: "pause", Status: "reported", Text: "The controls will be paused.",
			Attribution: "two officials",
		},
		position("The controls stay."), position("A pause is possible."),
		liveblog.Act{
			Kind: liveblog.ActFigure, Figure: "average-tariff", Value: "57", Unit: "%",
			Source: "https://news.example/a",
		})
	n.State("The tariff falls",
		liveblog.Act{Kind: liveblog.ActFigure, Figure: "average-tariff", Value: "47", Unit: "%"})
	return n
}

// UpdateSetup sets the setup of a blog.
func (n *Node) UpdateSetup(slug string, s liveblog.Setup) {
	n.t.Helper()
	_, err := n.Desk.UpdateSetup(n.t.Context(), n.Editor, slug, s)
	n.want(err)
}

// State publishes an entry with acts in the blog "summit".
func (n *Node) State(headline string, acts ...liveblog.Act) liveblog.Entry {
	n.t.Helper()
	return n.Post("summit", liveblog.EntryInput{
		Headline: headline, Body: "It was said at the table.", Acts: liveblog.NewActs(acts),
	})
}

// Move returns an act that moves a track.
func Move(track string, to liveblog.TrackState) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActMove, Track: track, To: to}
}

// PublicPages returns the paths of pages that readers of the blog "summit" see, with those of errors.
func PublicPages() []string {
	return []string{
		"/live/summit", "/embed/summit",
		"/live/summit/board", "/live/summit/board/rare-earths", "/live/summit/board?at=2000-01-01T00:00:00Z",
		"/live/summit/positions", "/live/summit/claims", "/live/summit/figures", "/live/summit/agenda",
		"/live/summit/speakers", "/live/summit/speakers/he-lifeng",
		"/live/summit/readouts", "/live/summit/readouts/ministers",
		"/live/summit/texts", "/live/summit/texts/statement", "/live/summit/briefing",
		"/live/summit/search?q=controls", "/live/summit/search?q=nobody+says+this", "/live/summit/corrections",
		"/live/summit/1", "/live/summit?around=1", "/live/summit?by=key-events", "/live/summit?order=oldest",
		"/live/summit?author=Nobody", "/", "/live/none", "/live/summit/999", "/live/summit?before=1", "/live/empty",
		"/live/summit/search?q=" + strings.Repeat("x", 300),
	}
}

// Record fills the pages of speakers, readouts, texts and the agenda of the blog "summit".
func (n *Node) Record() {
	n.t.Helper()
	_, talks, err := n.Store.Talks(n.t.Context(), "summit", time.Time{})
	n.want(err)
	setup := talks.Setup
	setup.Meetings = []liveblog.Meeting{{ID: "ministers", Name: "The ministers’ meeting"}}
	setup.Parties[0].Capital, setup.Parties[0].TimeZone = "Washington", "America/New_York"
	setup.Parties[1].Capital, setup.Parties[1].TimeZone = "Beijing", "Asia/Shanghai"
	n.UpdateSetup("summit", setup)
	starts := time.Date(2025, 10, 30, 2, 40, 0, 0, time.UTC)
	readout := func(party string, points ...string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActReadout, Meeting: "ministers", Party: party, Points: points}
	}
	text := func(version, body string) liveblog.Act {
		return liveblog.Act{Kind: liveblog.ActText, Document: "statement", Version: version, Body: body}
	}
	n.State("On record",
		liveblog.Act{
			Kind: liveblog.ActQuote, Speaker: "he-lifeng", Text: "The controls stay.",
			Original: "管制措施不变。", Language: "zh-Hans", Translator: "Wire", Record: "on",
		},
		readout("us", "[tariffs] Tariffs fall.", "Soybeans are bought."),
		readout("china", "[tariffs] Tariffs were discussed.", "The truce holds."),
		text("draft 1", "The two sides will talk.\n\nNothing is agreed."),
		text("draft 2", "The two sides have talked.\n\nNothing is agreed."),
		liveblog.Act{Kind: liveblog.ActSession, Session: "leaders", Status: liveblog.UnderWay, Starts: &starts})
}

// EveryKind fills the blog "summit" with every kind of entry and content, and creates the blog "empty" without entries.
func (n *Node) EveryKind() {
	n.t.Helper()
	n.CreateBlog("empty", "Nothing yet")
	n.Record()
	n.State("Everything",
		Move("rare-earths", liveblog.InTalks), Move("rare-earths", liveblog.Stalled),
		Move("chips", liveblog.Raised), Move("chips", liveblog.Collapsed),
		liveblog.Act{
			Kind: liveblog.ActClaim, Claim: "truce", Status: "denied", Text: "The truce is extended.",
			Attribution: "claim:pause",
		},
		liveblog.Act{Kind: liveblog.ActCite, Claim: "pause"})
	wrong := n.Post("summit", liveblog.EntryInput{
		Headline: "Corrected", Body: "The tariff is 55 percent.", KeyEvent: true, Pinned: true,
	})
	right, note := "The tariff is 47 percent.", "An earlier version gave another number."
	n.Edit("summit", wrong.Number, liveblog.EntryPatch{Body: &right, Correction: &note})
	n.Post("summit", liveblog.EntryInput{
		Headline: "What we know", Summary: true, Body: strings.Repeat("- Both sides have *confirmed* it.\n", 30),
	})
	n.Post("summit", liveblog.EntryInput{Body: "# The text\n\n> They will talk.\n\n" +
		"```\n" + strings.Repeat("Article1", 40) + "\n```\n\n" +
		"| Side | Says |\n|---|---:|\n| " + strings.Repeat("Donaudampfschifffahrt", 8) + " | 1 |\n\n" +
		"1. One\n2. Two\n\n[A source](https://news.example/a), ~~not~~ https://news.example/b"})
	n.Backfill("summit", 1)
	oldest := liveblog.PageQuery{Slug: "summit", Order: liveblog.OldestFirst, Limit: 1}
	page, err := n.Store.Page(n.t.Context(), oldest)
	n.want(err)
	n.Remove("summit", page.Entries[0].Number)
}
