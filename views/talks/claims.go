package talks

import (
	"strings"

	"readout/liveblog"
	"readout/views"
)

// claimOrder returns all statuses, the best established first.
func claimOrder() []liveblog.ClaimStatus {
	return []liveblog.ClaimStatus{
		liveblog.Confirmed, liveblog.Corroborated, liveblog.Reported, liveblog.Denied, liveblog.Withdrawn,
	}
}

// ClaimName returns the label of a status.
func ClaimName(ed views.Edition, s liveblog.ClaimStatus) string {
	return ed.Label("claim-", string(s))
}

// ClaimInSentence returns the name of a status for use within a sentence.
func ClaimInSentence(ed views.Edition, s liveblog.ClaimStatus) string {
	return ed.Label("claim-said-", string(s))
}

// claimTally sums up the claims in one line, for example "1 confirmed · 2 reported".
func claimTally(ed views.Edition, claims []liveblog.ClaimStanding) string {
	return tally(claims, claimOrder(), func(c liveblog.ClaimStanding) liveblog.ClaimStatus { return c.Status },
		func(s liveblog.ClaimStatus, n int) string { return ed.Words.Count("claims-"+string(s), n) })
}

// attributedSpeaker returns the speaker of the setup whom an attribution names, by name or id.
func attributedSpeaker(t *liveblog.Talks, attribution string) (liveblog.Speaker, bool) {
	for _, s := range t.Setup.Speakers {
		if strings.EqualFold(s.Name, attribution) || s.ID == attribution {
			return s, true
		}
	}
	return liveblog.Speaker{}, false
}

// CitedOnly returns the entries that cite a claim but have not changed it.
func CitedOnly(c liveblog.ClaimStanding) (entries []int) {
	changed := map[int]bool{}
	for _, step := range c.History {
		changed[step.By.Entry] = true
	}
	for _, n := range c.CitedBy {
		if !changed[n] {
			entries = append(entries, n)
		}
	}
	return entries
}

// textDiffers reports whether the text of step i differs from that of the step before it, or from the claim's present
// text. The history is newest first.
func textDiffers(c liveblog.ClaimStanding, i int) bool {
	text := c.History[i].Text
	return text != c.Text || i+1 < len(c.History) && c.History[i+1].Text != text
}

// attributionDiffers reports whether step i names a source other than that of the step before it or, for the first
// step, that of the claim now. So a claim that always had the same source names it once.
func attributionDiffers(c liveblog.ClaimStanding, i int) bool {
	attribution := c.History[i].Attribution
	if attribution == "" || i == len(c.History)-1 {
		return attribution != "" && attribution != c.Attribution
	}
	return c.History[i+1].Attribution != attribution
}
