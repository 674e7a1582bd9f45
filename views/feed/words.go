package feed

import (
	"slices"
	"strings"

	"readout/liveblog"
	"readout/views"
	"readout/views/talks"
)

// feedNamed drops whether something of the setup was found: what acts refer to cannot leave it.
func feedNamed[T any](item T, _ bool) T { return item }

// feedSpeaker is a person with an office.
func feedSpeaker(ed views.Edition, t *liveblog.Talks, id string) string {
	p, _ := t.Setup.Speaker(id)
	return p.Name + ed.Behind(p.Office)
}

// feedTerms is whose translation a quotation is, and how it was said.
func feedTerms(ed views.Edition, a liveblog.Act) string {
	var terms []string
	if a.Translator != "" {
		terms = append(terms, ed.Say("feed-translated", "translator", a.Translator))
	}
	if a.Record == "background" || a.Record == "off" {
		terms = append(terms, ed.Say("feed-record-"+a.Record))
	}
	return ed.InRow(terms)
}

// feedPoint writes "[topic] text" as "Topic: text".
func feedPoint(ed views.Edition, point string) string {
	topic, text, ok := strings.Cut(strings.TrimPrefix(point, "["), "]")
	if !ok || !strings.HasPrefix(point, "[") || topic == "" {
		return point
	}
	return ed.Say("topic", "topic", feedWords(topic)) + " " + strings.TrimSpace(text)
}

// feedWords makes words of an id, with a capital where they begin.
func feedWords(id string) string {
	words := strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(id))
	if words == "" {
		return ""
	}
	r := []rune(words)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// feedStanding is where a claim stands, and where the acts of the entry had put it should that be something else.
func feedStanding(ed views.Edition, acts []liveblog.Act, c liveblog.ClaimStanding) string {
	for _, a := range acts {
		if a.Kind == liveblog.ActClaim && a.Claim == c.Claim && a.Status != string(c.Status) {
			return ed.Say("feed-claim-now", "now", talks.ClaimName(ed, c.Status), "before", talks.ClaimSaid(ed, liveblog.ClaimStatus(a.Status)))
		}
	}
	return talks.ClaimName(ed, c.Status)
}

// feedGround is what becomes of a claim that rests on another one.
func feedGround(ed views.Edition, t *liveblog.Talks, on string) string {
	if c, ok := t.Claim(on); ok {
		return ed.Say("feed-ground", "status", talks.ClaimSaid(ed, c.Status))
	}
	return ed.Say("feed-ground-gone")
}

// feedTakenBack reports whether there is a claim among those of the acts that nobody makes any more.
func feedTakenBack(t *liveblog.Talks, acts liveblog.Acts) bool {
	return slices.ContainsFunc(acts.Cited(), func(id string) bool {
		_, ok := t.Claim(id)
		return !ok
	})
}
