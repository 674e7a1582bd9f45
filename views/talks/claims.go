package talks

import (
	"strings"

	"readout/liveblog"
	"readout/views"
)

// claimOrder is every status from the best established to what does not hold.
func claimOrder() []liveblog.ClaimStatus {
	return []liveblog.ClaimStatus{liveblog.Confirmed, liveblog.Corroborated, liveblog.Reported, liveblog.Denied, liveblog.Withdrawn}
}

// ClaimName is how a status is called, and claimSaid how it is called within a sentence.
func ClaimName(ed views.Edition, s liveblog.ClaimStatus) string {
	return ed.Label("claim-", string(s))
}

func ClaimInSentence(ed views.Edition, s liveblog.ClaimStatus) string {
	return ed.Label("claim-said-", string(s))
}

// claimTally is the ledger in one line, for example "1 confirmed · 2 reported".
func claimTally(ed views.Edition, claims []liveblog.ClaimStanding) string {
	return tally(claims, claimOrder(), func(c liveblog.ClaimStanding) liveblog.ClaimStatus { return c.Status },
		func(s liveblog.ClaimStatus, n int) string { return ed.Words.Count("claims-"+string(s), n) })
}

// attributed returns the speaker of the setup whom an attribution names, by name or id.
func attributed(t *liveblog.Talks, attribution string) (liveblog.Speaker, bool) {
	for _, s := range t.Setup.Speakers {
		if strings.EqualFold(s.Name, attribution) || s.ID == attribution {
			return s, true
		}
	}
	return liveblog.Speaker{}, false
}

// CitedOnly returns the entries that cite a claim and have not changed it.
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

// saysAnew reports whether a step has another text than the one before it, or than the claim has now.
func saysAnew(c liveblog.ClaimStanding, i int) bool {
	text := c.History[i].Text
	return text != c.Text || i+1 < len(c.History) && c.History[i+1].Text != text
}

// attributesAnew reports whether somebody else stands behind a step than behind the one before it. A claim that was
// always said by the same says so once.
func attributesAnew(c liveblog.ClaimStanding, i int) bool {
	said := c.History[i].Attribution
	if said == "" || i == len(c.History)-1 {
		return said != "" && said != c.Attribution
	}
	return c.History[i+1].Attribution != said
}
