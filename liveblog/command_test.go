package liveblog_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

// TestCommands checks which acts the commands that editors type become.
func TestCommands(t *testing.T) {
	t.Parallel()
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                             ``,
		"/move rare earths → in talks": `[{"kind":"move","track":"rare-earths","to":"in_talks"}]`,
		"/MOVE Rare -> Text circulating | source https://a.example/x": `[{"kind":"move","track":"rare-earths",` +
			`"to":"text_circulating","source":"https://a.example/x"}]`,
		"/move tariffs to raised": `[{"kind":"move","track":"tariffs","to":"raised"}]`,
		"/position China on rare: The controls: they stay \\| for now. | speaker He": `[{"kind":"position",` +
			`"track":"rare-earths","party":"china","speaker":"he-lifeng","text":"The controls: they stay | for now."}]`,
		"/claim Soy purchases reported: They buy. | by two officials": `[{"kind":"claim","claim":"soy-purchases",` +
			`"status":"reported","text":"They buy.","attribution":"two officials"}]`,
		"/claim soy-purchases denied": `[{"kind":"claim","claim":"soy-purchases","status":"denied"}]`,
		"/cite Soy Purchases":         `[{"kind":"cite","claim":"soy-purchases"}]`,
		"/quote envoy: “Good.” | record background": `[{"kind":"quote","speaker":"envoy","text":"“Good.”",` +
			`"record":"background"}]`,
		"/figure average tariff = 47 %": `[{"kind":"figure","figure":"average-tariff",` +
			`"value":"47","unit":"%"}]`,
		"/figure soy = 25 million tonnes": `[{"kind":"figure","figure":"soy",` +
			`"value":"25","unit":"million tonnes"}]`,
		"/figure truce ends = 10 November 2026": `[{"kind":"figure","figure":"truce-ends","value":"10 November 2026"}]`,
		"/figure start = 10:30":                 `[{"kind":"figure","figure":"start","value":"10:30"}]`,
		"/figure start = 10 past | unit ten":    `[{"kind":"figure","figure":"start","value":"10 past","unit":"ten"}]`,
		"/session opening under way | starts 2025-10-30 11:00": `[{"kind":"session","session":"opening",` +
			`"status":"under_way","starts":"2025-10-30T02:00:00Z"}]`,
		"/session dinner   under_way | ends 2025-10-30T11:00:00+02:00": `[{"kind":"session","session":"dinner",` +
			`"status":"under_way","ends":"2025-10-30T09:00:00Z"}]`,
		"\ufeff　／ｍｏｖｅ　ｒａｒｅ＿ｅａｒｔｈｓ　⇒　ｉｎ‑ｔａｌｋｓ　｜　ｓｏｕｒｃｅ　https://a.example/x": `[{"kind":"move",` +
			`"track":"rare-earths","to":"in_talks","source":"https://a.example/x"}]`,
		"/position china on rare earths：管制：不变｜speaker he": `[{"kind":"position","track":"rare-earths",` +
			`"party":"china","speaker":"he-lifeng","text":"管制：不变"}]`,
		"/position china on rare: “Why \\｜” he’s asked: －：＝": `[{"kind":"position","track":"rare-earths",` +
			`"party":"china","text":"“Why ｜” he’s asked: －：＝"}]`,
		"/figure soy＝25 million tonnes": `[{"kind":"figure","figure":"soy","value":"25","unit":"million tonnes"}]`,
		"/session dinner over | ｅｎｄｓ ２０２５-１０-３０ １１：００": `[{"kind":"session","session":"dinner",` +
			`"status":"over","ends":"2025-10-30T02:00:00Z"}]`,
		"\n/readout leaders by China | source https://a.example/\n- One.\n\n- [tariffs] Two.\n/cite x": "" +
			`[{"kind":"readout","party":"china","meeting":"leaders","points":["One.","[tariffs] Two."],` +
			`"source":"https://a.example/"},{"kind":"cite","claim":"x"}]`,
		"/text statement draft 2: clean\r\n\r\nWe agree.\r\n\\/ and\r\n": `[{"kind":"text","document":"statement",` +
			`"version":"draft 2: clean","body":"We agree.\n/ and"}]`,
	} {
		got, err := liveblog.ParseCommands(talksSetup(), seoul, text)
		if err != nil || string(got) != want {
			t.Errorf("%q was parsed as %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestCommandsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hello.": "acts: Line 1 is no command; commands begin with a slash, such as /move.",
		"/cite x\n/wish y": "acts: Line 2: there is no command “/wish”. The commands are /move, /position, /claim, /cite, " +
			"/quote, /readout, /text, /session, /figure, /key, /pin, /summary, /as and /at.",
		"/mvoe tariffs → raised": "acts: Line 1: there is no command “/mvoe”. Did you mean /move?",
		"/move tariffs": "acts[0]: The command needs a “→” between its two parts.\nacts[0].to: “” is none " +
			"of not raised, raised, in talks, text circulating, agreed, signed, stalled and collapsed.",
		"/move ports → raised": "acts[0].track: There is no track “ports”; " +
			"this blog has tariffs and rare-earths.",
		"/move → raised":                     "acts[0].track: The command needs a track.",
		"/cite x\nwith lines":                "acts[0]: The command /cite takes no further lines.",
		"/cite x | color red":                "acts[0]: The command /cite has no option “color”.",
		"/claim x reported: y | by a | by b": "acts[0]: The option “by” comes twice.",
		"/session opening": "acts[0].status: The command ends with one of planned, under way, over, postponed and " +
			"cancelled.",
		"/session x-over": "acts[0].status: The command ends with one of planned, under way, over, postponed and " +
			"cancelled.\nacts[0].session: There is no session “x-over”; this blog has opening and dinner.",
		"/session dinner over | ends 25h": "acts[0].ends: “25h” is not a time; write it as 2025-10-30 11:00.",
		"/session dinner over | ends 9999-12-31T23:00:00-05:00": "acts[0].ends: The time must be between the years " +
			"1970 and 2199.",
		"/quote e: x\n/cite y | z": "acts[1]: The command /cite has no option “z”.",
	} {
		acts, err := liveblog.ParseCommands(talksSetup(), time.UTC, text)
		if got := faults(err); got != want || acts != "" {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	twins := liveblog.Setup{Tracks: []liveblog.Track{{ID: "chips", Name: "Same"}, {ID: "ships", Name: "same"},
		{ID: "same-2", Name: "chips"}}}
	if _, err := liveblog.ParseCommands(twins, time.UTC,
		"/move same → raised"); faults(err) != "acts[0].track: “same” may be chips, ships and same-2." {
		t.Errorf("an ambiguous name: %v", err)
	}
	if acts, err := liveblog.ParseCommands(twins, time.UTC, "/move chips → raised"); err != nil ||
		acts.List()[0].Track != "chips" {
		t.Errorf("an id that is another's name: %s %v", acts, err)
	}
}

func TestUsagesAreCommands(t *testing.T) {
	t.Parallel()
	setup := talksSetup()
	setup.Speakers = append(setup.Speakers, liveblog.Speaker{ID: "wu-xinbo", Name: "Wu Xinbo"})
	setup.Sessions = append(setup.Sessions, liveblog.AgendaItem{ID: "leaders", Name: "Leaders", Starts: hour(1)})
	usages := liveblog.Usages()
	acts, err := liveblog.ParseCommands(setup, time.UTC, strings.Join(usages, "\n"))
	if err != nil || len(acts.List()) != len(usages) || len(usages) != 9 {
		t.Errorf("%v: %s", err, acts)
	}
}

// wantRoundTrip fails unless the commands for acts parse to the same acts.
func wantRoundTrip(t interface{ Fatalf(string, ...any) }, setup liveblog.Setup, acts liveblog.Acts) {
	for _, zone := range []string{"UTC", "Asia/Seoul", "America/New_York"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatalf("%v", err)
		}
		text := acts.Commands(loc)
		read, err := liveblog.ParseCommands(setup, loc, text)
		if err != nil {
			t.Fatalf("%s\nis formatted as\n%s\nwhich cannot be parsed: %v", acts, text, err)
		}
		if read, err = liveblog.CheckDraft(setup, read); err != nil || read != acts {
			t.Fatalf("%s\nis formatted as\n%s\nand parsed as\n%s (%v)", acts, text, read, err)
		}
	}
}

// TestCommandsRoundTrip: formatting random acts as commands and parsing them gives the same acts, so saving the
// composer's form without a change changes no act.
func TestCommandsRoundTrip(t *testing.T) {
	t.Parallel()
	setup := talksSetup()
	setup.Tracks = append(setup.Tracks, liveblog.Track{ID: "on", Name: "tariffs"},
		liveblog.Track{ID: "to", Name: "over"})
	setup.Parties = append(setup.Parties, liveblog.Party{ID: "on", Name: "by"}, liveblog.Party{ID: "by", Name: "on"})
	setup.Sessions = append(setup.Sessions, liveblog.AgendaItem{ID: "over", Name: "under way", Starts: hour(1)},
		liveblog.AgendaItem{ID: "under", Name: "x over", Starts: hour(1)})
	rapid.Check(t, func(r *rapid.T) {
		bits := []string{"a", "B", "7", " ", "|", "｜", "：", "＝", "／", "’", "\\", ":", "/", "-", "=", "“谈判”", "\\|", "\\/", " on ",
			" by ", "→", "unit", ",", "%", ".", "claim:x", "é"}
		words := rapid.Custom(func(r *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(bits), 1, 8).Draw(r, "bits"), "")
		})
		lines := rapid.Custom(func(r *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.OneOf(words,
				rapid.SampledFrom([]string{"", " ", "/move x", " ／cite", "\\/x", "\\\\/x", "\\ /x", "- x", "//"})), 1, 5).Draw(r, "lines"),
				"\n")
		})
		id := rapid.SampledFrom([]string{"beans", "soy-purchases", "a-1", "reported", "over", "unit"})
		maybe := func(g *rapid.Generator[string], what string) string {
			if rapid.Bool().Draw(r, "with "+what) {
				return g.Draw(r, what)
			}
			return ""
		}
		source := rapid.SampledFrom([]string{"https://a.example/", "http://a.example/x?y=z|w:1\\#é"})
		moment := func() *time.Time {
			if !rapid.Bool().Draw(r, "with time") {
				return nil
			}
			at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(r, "time"),
				rapid.SampledFrom([]int64{0, 1, 500_000_000}).Draw(r, "part")).UTC()
			if rapid.Bool().Draw(r, "whole minute") {
				at = at.Truncate(time.Minute)
			}
			return &at
		}
		track := func() string { return rapid.SampledFrom(setup.Tracks).Draw(r, "track").ID }
		party := func() string { return rapid.SampledFrom(setup.Parties).Draw(r, "party").ID }
		speakers := rapid.SampledFrom([]string{"he-lifeng", "envoy"})
		var list []liveblog.Act
		for range rapid.IntRange(1, 3).Draw(r, "acts") {
			a := liveblog.Act{Kind: liveblog.ActKind(rapid.SampledFrom([]string{"move", "position", "claim", "cite",
				"quote", "readout", "text", "session", "figure"}).Draw(r, "kind"))}
			switch a.Kind {
			case liveblog.ActMove:
				a.Track, a.To, a.Source = track(), rapid.SampledFrom(liveblog.TrackStates()).Draw(r, "to"),
					maybe(source, "source")
			case liveblog.ActPosition:
				a.Party, a.Track, a.Text, a.Speaker, a.Source = party(), track(), words.Draw(r, "text"),
					maybe(speakers, "speaker"), maybe(source, "source")
			case liveblog.ActClaim:
				a.Claim, a.Status = id.Draw(r, "claim"),
					rapid.SampledFrom([]string{"reported", "denied"}).Draw(r, "status")
				a.Text, a.Attribution = maybe(words, "text"), maybe(words, "attribution")
			case liveblog.ActCite:
				a.Claim = id.Draw(r, "claim")
			case liveblog.ActQuote:
				a.Speaker, a.Text, a.Source = speakers.Draw(r, "speaker"), words.Draw(r, "text"),
					maybe(source, "source")
				a.Record = maybe(rapid.SampledFrom(liveblog.Records()), "record")
				if a.Original = maybe(words, "original"); a.Original != "" {
					a.Language, a.Translator = "zh-Hans", maybe(words, "translator")
				}
			case liveblog.ActReadout:
				a.Meeting, a.Party, a.Source = "leaders", party(), maybe(source, "source")
				a.Points = rapid.SliceOfN(words, 1, 4).Draw(r, "points")
			case liveblog.ActText:
				a.Document, a.Version, a.Body = id.Draw(r, "document"), words.Draw(r, "version"), lines.Draw(r, "body")
			case liveblog.ActSession:
				a.Session = rapid.SampledFrom(setup.Sessions).Draw(r, "session").ID
				a.Status = rapid.SampledFrom([]string{"planned", "under_way", "over", "postponed", "cancelled"}).Draw(r,
					"status")
				a.Starts, a.Ends = moment(), moment()
			case liveblog.ActFigure:
				a.Figure, a.Value, a.Unit, a.Source = id.Draw(r, "figure"), words.Draw(r, "value"),
					maybe(words, "unit"), maybe(source, "source")
			}
			list = append(list, a)
		}
		acts, err := liveblog.CheckDraft(setup, liveblog.NewActs(list))
		if err != nil {
			r.Skip(fmt.Sprint("not valid: ", err))
		}
		wantRoundTrip(r, setup, acts)
	})
}
