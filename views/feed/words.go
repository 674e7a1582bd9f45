package feed

import (
	"slices"
	"strings"

	"readout/liveblog"
	"readout/views"
	"readout/views/talks"
)

// found drops the second result of a lookup in the setup: whatever acts refer to cannot be deleted from it.
func found[T any](item T, _ bool) T { return item }

// speakerText is a person's name and office.
func speakerText(ed views.Edition, t *liveblog.Talks, id string) string {
	p, _ := t.Setup.Speaker(id)
	return p.Name + ed.AfterComma(p.Office)
}

// quoteTerms says who translated a quote, and whether it was given on background or off the record; "" for neither.
func quoteTerms(ed views.Edition, a liveblog.Act) string {
	var terms []string
	if a.Translator != "" {
		terms = append(terms, ed.Say("feed-translated", "translator", a.Translator))
	}
	if a.Record == "background" || a.Record == "off" {
		terms = append(terms, ed.Say("feed-record-"+a.Record))
	}
	return ed.CommaList(terms)
}

// pointText formats "[topic] text" as "Topic: text".
func pointText(ed views.Edition, point string) string {
	topic, text, ok := strings.Cut(strings.TrimPrefix(point, "["), "]")
	if !ok || !strings.HasPrefix(point, "[") || topic == "" {
		return point
	}
	return ed.Say("topic", "topic", titleFromID(topic)) + " " + strings.TrimSpace(text)
}

// titleFromID returns the words of an id, the first with a capital letter, e.g. "Rare earths" for "rare-earths".
func titleFromID(id string) string {
	words := strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(id))
	if words == "" {
		return ""
	}
	r := []rune(words)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// claimState says the present status of a claim, and the status that the entry's acts gave it if that was another.
func claimState(ed views.Edition, acts []liveblog.Act, c liveblog.ClaimStanding) string {
	for _, a := range acts {
		if a.Kind == liveblog.ActClaim && a.Claim == c.Claim && a.Status != string(c.Status) {
			before := talks.ClaimInSentence(ed, liveblog.ClaimStatus(a.Status))
			return ed.Say("feed-claim-now", "now", talks.ClaimName(ed, c.Status), "before", before)
		}
	}
	return talks.ClaimName(ed, c.Status)
}

// basisText says the status of the claim that another claim rests on.
func basisText(ed views.Edition, t *liveblog.Talks, on string) string {
	if c, ok := t.Claim(on); ok {
		return ed.Say("feed-ground", "status", talks.ClaimInSentence(ed, c.Status))
	}
	return ed.Say("feed-ground-gone")
}

// citesMissingClaim reports whether acts make or cite a claim that no entry makes any more.
func citesMissingClaim(t *liveblog.Talks, acts liveblog.Acts) bool {
	return slices.ContainsFunc(acts.Cited(), func(id string) bool {
		_, ok := t.Claim(id)
		return !ok
	})
}
