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

// topic is the subject of a statement, which precedes its text.
func topic(ed views.Edition, about string) string { return ed.Say("topic", "topic", about) }

// gap is the space between two pieces of a line; "" in a language that sets none, which has full-width punctuation.
func gap(ed views.Edition) string {
	if ed.Say("comma") == "，" {
		return ""
	}
	return " "
}

// inBrackets is a text in brackets behind another one; "" for an empty text.
func inBrackets(ed views.Edition, text string) string {
	if text == "" {
		return ""
	}
	return gap(ed) + ed.Say("in-brackets", "text", text)
}

// sessionText says the state that an act gives a session, and the times that it sets.
func sessionText(ed views.Edition, a liveblog.Act) string {
	text := talks.SessionState(ed, a.Status)
	if a.Starts != nil {
		text += ed.AfterComma(ed.Say("feed-starts", "time", ed.MomentText(*a.Starts)))
	}
	if a.Ends != nil {
		text += ed.AfterComma(ed.Say("feed-ends", "time", ed.MomentText(*a.Ends)))
	}
	return text
}

// speakerText is a person's name and office; "" for no person.
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
	return ed.Say("topic", "topic", titleFromID(topic)) + gap(ed) + strings.TrimSpace(text)
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

// ground is what a claim rests on, in brackets: another claim, said in the interface's language, or who made it, in the
// editor's words; "" for neither.
type ground struct {
	text          string
	interfaceText bool
}

func groundOf(ed views.Edition, t *liveblog.Talks, c liveblog.ClaimStanding) ground {
	if on := liveblog.RestsOn(c.Attribution); on != "" {
		return ground{inBrackets(ed, basisText(ed, t, on)), true}
	}
	return ground{inBrackets(ed, c.Attribution), false}
}

// citesMissingClaim reports whether acts make or cite a claim that no entry makes any more.
func citesMissingClaim(t *liveblog.Talks, acts liveblog.Acts) bool {
	return slices.ContainsFunc(acts.Cited(), func(id string) bool {
		_, ok := t.Claim(id)
		return !ok
	})
}
