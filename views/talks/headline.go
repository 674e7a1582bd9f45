package talks

import (
	"strings"

	"readout/liveblog"
	"readout/views"
	"readout/views/markdown"
)

// Headline returns the headline of an entry that has acts alone: what they say, in the blog's language, as far as it
// fits.
func Headline(b liveblog.Blog, setup liveblog.Setup, acts liveblog.Acts) string {
	ed, t := views.NewEdition(b), &liveblog.Talks{Setup: setup}
	var said []string
	for _, a := range acts.List() {
		said = append(said, inOneLine(ed, t, a))
	}
	return markdown.Clip(strings.Join(said, " · "), liveblog.MaxHeadline-1)
}

// inOneLine says what an act states.
func inOneLine(ed views.Edition, t *liveblog.Talks, a liveblog.Act) string {
	about := func(topic, text string) string {
		if topic == "" {
			return text
		}
		label := ed.Say("topic", "topic", topic)
		if strings.HasSuffix(label, "：") { // it is as wide as a space
			return label + text
		}
		return label + " " + text
	}
	switch a.Kind {
	case liveblog.ActMove:
		return about(trackName(t, a.Track), ed.Label("track-said-", string(a.To)))
	case liveblog.ActPosition:
		return about(partyName(t, a.Party), a.Text)
	case liveblog.ActClaim:
		if a.Text != "" {
			return about(ed.Label("claim-", a.Status), a.Text)
		}
		return about(titleFromID(a.Claim), ed.Label("claim-", a.Status))
	case liveblog.ActCite:
		return titleFromID(a.Claim)
	case liveblog.ActQuote:
		speaker, _ := t.Setup.Speaker(a.Speaker)
		return about(speaker.Name, a.Text)
	case liveblog.ActReadout:
		meeting, _ := t.Setup.Meeting(a.Meeting)
		return ed.Say("account-by", "party", inSentence(ed, partyName(t, a.Party)), "meeting", meeting.Name)
	case liveblog.ActText:
		return titleFromID(a.Document) + ed.AfterComma(a.Version)
	case liveblog.ActSession:
		session, _ := t.Setup.Session(a.Session)
		return about(session.Name, SessionState(ed, a.Status))
	case liveblog.ActFigure:
		return about(titleFromID(a.Figure), strings.TrimSpace(a.Value+" "+a.Unit))
	}
	return ""
}
