package desk

import (
	"fmt"
	"strings"

	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"
	"readout/views/talks"
)

// Effect is one change that an entry makes to the talks.
type Effect struct {
	Name string // what changes, e.g. "Rare earths"
	From string // empty for something new
	To   string // empty for something that is taken back
}

// Effects returns the differences between two states of the talks, in the order of the pages of the talks.
func Effects(b liveblog.Blog, before, after *liveblog.Talks) (list []Effect) {
	oldFacts, newFacts := talksFacts(b, before), talksFacts(b, after)
	oldValues, newValues := factsByKey(oldFacts), factsByKey(newFacts)
	for _, f := range newFacts {
		if old := oldValues[f.key]; old != f.value {
			list = append(list, Effect{f.name, shortFact(old), shortFact(f.value)})
		}
	}
	for _, f := range oldFacts {
		if newValues[f.key] == "" {
			list = append(list, Effect{f.name, shortFact(f.value), ""})
		}
	}
	return list
}

// factsByKey returns the values by key; of equal keys the first one counts.
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

// talksFact is one statement about the state of the talks. The key identifies it across states.
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
			name := deskParty(t, a.Party) + " on the meeting " + m.Name
			add(name, strings.Join(a.Points, " · "), "readout %s %s", m.ID, a.Party)
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
