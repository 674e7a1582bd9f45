package talks

import (
	"cmp"

	"readout/liveblog"
	"readout/views"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// SpeakerPage is the data of the page with one person's quotes.
type SpeakerPage struct {
	Page
	Speaker liveblog.Speaker
}

// speakerGroup is the speakers of one party.
type speakerGroup struct {
	name      string // the party's; empty for speakers without a party
	quoted    []liveblog.Speaker
	notQuoted string // the names of the others
}

// speakerGroups returns all speakers of the setup by party, in the setup's order.
func speakerGroups(ed views.Edition, t *liveblog.Talks) (groups []speakerGroup) {
	quoted := map[string]bool{}
	for i := range t.Quotes {
		quoted[t.Quotes[i].Speaker] = true
	}
	add := func(name, party string) {
		g := speakerGroup{name: name}
		var notQuoted []string
		for _, s := range t.Setup.Speakers {
			switch {
			case s.Party != party:
			case quoted[s.ID]:
				g.quoted = append(g.quoted, s)
			default:
				notQuoted = append(notQuoted, s.Name)
			}
		}
		g.notQuoted = ed.CommaList(notQuoted)
		if g.quoted != nil || notQuoted != nil {
			groups = append(groups, g)
		}
	}
	for _, p := range t.Setup.Parties {
		add(p.Name, p.ID)
	}
	add("", "")
	return groups
}

// quotesOf returns a speaker's quotes, newest first.
func quotesOf(t *liveblog.Talks, speaker string) (list []liveblog.Quote) {
	for _, q := range t.Quotes {
		if q.Speaker == speaker {
			list = append(list, q)
		}
	}
	return list
}

// quoteOf returns the quote that an act states.
func quoteOf(a liveblog.Act) liveblog.Quote {
	return liveblog.Quote{
		Speaker: a.Speaker, Text: a.Text, Original: a.Original, Language: a.Language, Translator: a.Translator,
		Record: a.Record, Source: a.Source,
	}
}

// record returns the label of a quote's terms, such as "On background".
func record(ed views.Edition, r string) string { return ed.Label("record-", cmp.Or(r, "on")) }

// translation says from which language a quote was translated, and by whom.
func translation(ed views.Edition, q liveblog.Quote) string {
	if q.Translator != "" {
		return ed.Say("translated-by", "language", languageName(ed, q.Language), "translator", q.Translator)
	}
	return ed.Say("translated", "language", languageName(ed, q.Language))
}

// languageName returns the name of a language, for example "Simplified Chinese"; the tag itself if it has no name.
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

// sideOf returns a speaker's office and party in one line.
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
