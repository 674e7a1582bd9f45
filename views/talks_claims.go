package views

import (
	"strings"

	"readout/liveblog"
)

// claimOrder is every status from the best established to what does not hold.
func claimOrder() []liveblog.ClaimStatus {
	return []liveblog.ClaimStatus{liveblog.Confirmed, liveblog.Corroborated, liveblog.Reported, liveblog.Denied, liveblog.Withdrawn}
}

// claimTally is the ledger in one line, for example "1 confirmed · 2 reported".
func claimTally(claims []liveblog.ClaimStanding) string {
	return tally(claims, claimOrder(), func(c liveblog.ClaimStanding) liveblog.ClaimStatus { return c.Status },
		func(s liveblog.ClaimStatus) string { return string(s) })
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

// citedOnly returns the entries that cite a claim and have not changed it.
func citedOnly(c liveblog.ClaimStanding) (entries []int) {
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
