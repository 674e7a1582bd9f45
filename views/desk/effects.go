package desk

import (
	"fmt"
	"strings"

	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"
	"readout/views/talks"
)

// Effect is something about the talks that stands differently with an entry than without it.
type Effect struct {
	Name string // what it is about, e.g. "Rare earths"
	From string // empty for what is new
	To   string // empty for what is taken back
}

// Effects tells what differs between two standings of the talks, in the order in which the talks are told.
func Effects(b liveblog.Blog, then, now *liveblog.Talks) (list []Effect) {
	was, is := talksFacts(b, then), talksFacts(b, now)
	before, after := factsByKey(was), factsByKey(is)
	for _, f := range is {
		if old := before[f.key]; old != f.value {
			list = append(list, Effect{f.name, shortFact(old), shortFact(f.value)})
		}
	}
	for _, f := range was {
		if after[f.key] == "" {
			list = append(list, Effect{f.name, shortFact(f.value), ""})
		}
	}
	return list
}

// factsByKey returns the first value of each key.
func factsByKey(all []talksFact) map[string]string {
	m := make(map[string]string, len(all))
	for _, f := range all {
		if _, ok := m[f.key]; !ok {
			m[f.key] = f.value
		}
	}
	return m
}

func shortFact(s string) string { return markdown.Clip(s, 160) }

// talksFact is one thing that can be said about the talks.
type talksFact struct{ key, name, value string }

func talksFacts(b liveblog.Blog, t *liveblog.Talks) (all []talksFact) {
	ed := views.NewEdition(b)
	add := func(name, value, format string, args ...any) {
		if value != "" {
			all = append(all, talksFact{fmt.Sprintf(format, args...), name, value})
		}
	}
	for _, s := range t.Board {
		add(s.Name, s.State.Name(), "board %s", s.ID)
	}
	for _, p := range t.Positions {
		add(deskParty(t, p.Party)+" on "+deskTrack(t, p.Track), inQuotes(p.Text), "position %s %s", p.Party, p.Track)
	}
	for _, c := range t.Claims {
		add("The claim "+c.Claim, string(c.Status), "claim %s", c.Claim)
		add("The wording of the claim "+c.Claim, inQuotes(c.Text), "claim text %s", c.Claim)
		add("Who says the claim "+c.Claim, c.Attribution, "claim by %s", c.Claim)
		for _, entry := range talks.CitedOnly(c) {
			add("The claim "+c.Claim, "cited, as "+string(c.Status), "cite %s %d", c.Claim, entry)
		}
	}
	for _, q := range t.Quotes {
		add("A quote of "+deskSpeaker(t, q.Speaker), inQuotes(q.Text), "quote %d %s %s", q.By.Entry, q.Speaker, q.Text)
	}
	for _, m := range t.Readouts {
		for _, a := range m.Accounts {
			add(deskParty(t, a.Party)+" on the meeting "+m.Name, strings.Join(a.Points, " · "), "readout %s %s", m.ID, a.Party)
		}
	}
	for _, d := range t.Texts {
		for _, v := range d.Versions {
			add("The text "+d.Document+", version "+v.Version, inQuotes(v.Body), "text %s %s", d.Document, v.Version)
		}
	}
	for _, s := range t.Agenda {
		when := strings.ReplaceAll(s.Status, "_", " ") + ", from " + ed.MomentText(s.From)
		if s.To != nil {
			when += " to " + ed.MomentText(*s.To)
		}
		add(s.Name, when, "session %s", s.ID)
	}
	for _, f := range t.Figures {
		add(f.Name(), strings.TrimSpace(f.Value+" "+f.Unit), "figure %s", f.Figure)
	}
	return all
}

func inQuotes(s string) string { return "“" + s + "”" }

func deskParty(t *liveblog.Talks, id string) string {
	if p, ok := t.Setup.Party(id); ok {
		return p.Name
	}
	return id
}

func deskTrack(t *liveblog.Talks, id string) string {
	if x, ok := t.Setup.Track(id); ok {
		return x.Name
	}
	return id
}

func deskSpeaker(t *liveblog.Talks, id string) string {
	if p, ok := t.Setup.Speaker(id); ok {
		return p.Name
	}
	return id
}
