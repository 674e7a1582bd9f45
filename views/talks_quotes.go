package views

import (
	"net/url"
	"strings"

	"readout/liveblog"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// SpeakerPage is everything that one person is quoted with.
type SpeakerPage struct {
	TalksPage
	Speaker liveblog.Speaker
}

// speakerGroup is the speakers of one party.
type speakerGroup struct {
	name     string // empty for those of no side
	speakers []liveblog.Speaker
}

// speakerGroups is every speaker of a setup by party, in its order.
func speakerGroups(setup liveblog.Setup) (groups []speakerGroup) {
	of := func(party string) (list []liveblog.Speaker) {
		for _, s := range setup.Speakers {
			if s.Party == party {
				list = append(list, s)
			}
		}
		return list
	}
	for _, p := range setup.Parties {
		if list := of(p.ID); list != nil {
			groups = append(groups, speakerGroup{p.Name, list})
		}
	}
	if list := of(""); list != nil {
		groups = append(groups, speakerGroup{"", list})
	}
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
func record(r string) string {
	switch r {
	case "background":
		return "On background"
	case "off":
		return "Off the record"
	}
	return "On the record"
}

// translation says from what a quote was translated, and by whom.
func translation(q liveblog.Quote) string {
	words := "Translated from " + languageName(q.Language)
	if q.Translator != "" {
		words += " by " + q.Translator
	}
	return words
}

// languageName is what English calls a language, for example "Simplified Chinese"; the tag itself where it has no name.
func languageName(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if name := display.English.Tags().Name(parsed); name != "" {
		return name
	}
	return tag
}

// siteOf is what a source is called: the host of its address.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// sideOf is a speaker's office and party in one line.
func sideOf(setup liveblog.Setup, s liveblog.Speaker) string {
	p, ok := setup.Party(s.Party)
	switch {
	case !ok:
		return s.Office
	case s.Office == "":
		return p.Name
	}
	return s.Office + ", " + p.Name
}
