package talks

import (
	"cmp"

	"readout/liveblog"
	"readout/views"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// SpeakerPage is everything that one person is quoted with.
type SpeakerPage struct {
	Page
	Speaker liveblog.Speaker
}

// speakerGroup is the speakers of one party.
type speakerGroup struct {
	name   string // empty for those of no side
	quoted []liveblog.Speaker
	silent string // the names of those who are not quoted
}

// speakerGroups is every speaker of the setup by party, in its order.
func speakerGroups(ed views.Edition, t *liveblog.Talks) (groups []speakerGroup) {
	quoted := map[string]bool{}
	for i := range t.Quotes {
		quoted[t.Quotes[i].Speaker] = true
	}
	add := func(name, party string) {
		g := speakerGroup{name: name}
		var silent []string
		for _, s := range t.Setup.Speakers {
			switch {
			case s.Party != party:
			case quoted[s.ID]:
				g.quoted = append(g.quoted, s)
			default:
				silent = append(silent, s.Name)
			}
		}
		g.silent = ed.CommaList(silent)
		if g.quoted != nil || silent != nil {
			groups = append(groups, g)
		}
	}
	for _, p := range t.Setup.Parties {
		add(p.Name, p.ID)
	}
	add("", "")
	return groups
}

// quotesOf returns what somebody is quoted with, the newest first.
func quotesOf(t *liveblog.Talks, speaker string) (list []liveblog.Quote) {
	for _, q := range t.Quotes {
		if q.Speaker == speaker {
			list = append(list, q)
		}
	}
	return list
}

// quoteOf is the quote that an act states.
func quoteOf(a liveblog.Act) liveblog.Quote {
	return liveblog.Quote{Speaker: a.Speaker, Text: a.Text, Original: a.Original, Language: a.Language, Translator: a.Translator,
		Record: a.Record, Source: a.Source}
}

// record is how a quote may be used, in words.
func record(ed views.Edition, r string) string { return ed.Label("record-", cmp.Or(r, "on")) }

// translation says from what a quote was translated, and by whom.
func translation(ed views.Edition, q liveblog.Quote) string {
	if q.Translator != "" {
		return ed.Say("translated-by", "language", languageName(ed, q.Language), "translator", q.Translator)
	}
	return ed.Say("translated", "language", languageName(ed, q.Language))
}

// languageName is what the interface calls a language, for example "Simplified Chinese"; the tag itself where it has no
// name.
func languageName(ed views.Edition, tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if name := display.Tags(language.Make(ed.Words.Tag)).Name(parsed); name != "" {
		return name
	}
	return tag
}

// sideOf is a speaker's office and party in one line.
func sideOf(ed views.Edition, setup liveblog.Setup, s liveblog.Speaker) string {
	p, ok := setup.Party(s.Party)
	switch {
	case !ok:
		return s.Office
	case s.Office == "":
		return p.Name
	}
	return s.Office + ed.AfterComma(p.Name)
}
