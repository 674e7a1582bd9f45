package liveblog

import (
	"slices"
	"strings"
)

// ClaimStatus says how well a claim is established.
type ClaimStatus string

// The statuses of a claim.
const (
	Reported     ClaimStatus = "reported"
	Corroborated ClaimStatus = "corroborated"
	Confirmed    ClaimStatus = "confirmed"
	Denied       ClaimStatus = "denied"
	Withdrawn    ClaimStatus = "withdrawn"
)

func claimStatuses() []string {
	return []string{string(Reported), string(Corroborated), string(Confirmed), string(Denied), string(Withdrawn)}
}

// ClaimStanding is the state of a claim, its history, and the entries that rest on it.
type ClaimStanding struct {
	Claim       string      `json:"claim"` // id
	Text        string      `json:"text"`
	Status      ClaimStatus `json:"status"`
	Attribution string      `json:"attribution,omitempty"`
	By          By          `json:"by"`       // of the latest step
	History     []ClaimStep `json:"history"`  // latest first
	CitedBy     []int       `json:"cited_by"` // numbers of entries that state or cite the claim
}

// ClaimStep is one change of a claim.
type ClaimStep struct {
	Status      ClaimStatus `json:"status"`
	Text        string      `json:"text"`
	Attribution string      `json:"attribution,omitempty"`
	By          By          `json:"by"`
}

// claimPrefix begins an attribution that names another claim.
const claimPrefix = "claim:"

// RestsOn returns the id of the claim that an attribution names, or "" if it names none.
func RestsOn(attribution string) string {
	id, ok := strings.CutPrefix(attribution, claimPrefix)
	if !ok {
		return ""
	}
	return strings.TrimSpace(id)
}

func claimRule() actRule {
	return actRule{
		kind: ActClaim, required: []string{"claim", "status"}, optional: []string{"text", "attribution"},
		choice: "status", choices: claimStatuses,
		check: checkClaim, apply: (*Talks).claim,
		usage: "/claim soybean-purchases reported: China will buy soybeans again. | by two officials",
		command: func(p *command) Act {
			id, status := p.lastWord()
			return Act{
				Kind: ActClaim, Claim: p.id(id), Status: p.word("status", status, claimStatuses()),
				Text: p.text, Attribution: p.option("by"),
			}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Claim, a.Status)
			w.text(a.Text)
			w.option("by", a.Attribution)
		},
	}
}

// Next returns the statuses that a claim may get, besides its own.
func (s ClaimStatus) Next() (list []ClaimStatus) {
	for _, next := range []ClaimStatus{Reported, Corroborated, Confirmed, Denied, Withdrawn} {
		if next != s && s.mayBecome(next) {
			list = append(list, next)
		}
	}
	return list
}

// mayBecome reports whether a claim that has a status already may get another one: what was withdrawn can only be reported
// again.
func (s ClaimStatus) mayBecome(next ClaimStatus) bool {
	return s != Withdrawn || next == Withdrawn || next == Reported
}

func checkClaim(c *actCheck, a Act, t *Talks) {
	if !slices.Contains(claimStatuses(), a.Status) {
		c.fieldf("status", "“%s” is not a status of a claim; they are %s.", clip(a.Status, 60),
			listed(claimStatuses()))
		return
	}
	if t == nil {
		return
	}
	now, known := t.Claim(a.Claim)
	switch {
	case !known && a.Text == "":
		c.fieldf("text", "The claim “%s” is new and needs a text.", a.Claim)
	case !known && a.Status == string(Withdrawn):
		c.fieldf("status", "The claim “%s” is new; it cannot be withdrawn.", a.Claim)
	case string(now.Status) == a.Status && (a.Text == "" || a.Text == now.Text) &&
		(a.Attribution == "" || a.Attribution == now.Attribution):
		c.fieldf("status", "The claim “%s” is %s already.", a.Claim, now.Status)
	case known && !now.Status.mayBecome(ClaimStatus(a.Status)):
		c.fieldf("status", "The claim “%s” is withdrawn; it can only be reported again.", a.Claim)
	}
	if on := RestsOn(a.Attribution); on != "" {
		switch _, ok := t.Claim(on); {
		case on == a.Claim:
			c.fieldf("attribution", "The claim “%s” cannot rest on itself.", a.Claim)
		case t.index.rests.restsOn(on, a.Claim):
			c.fieldf("attribution", "The claims “%s” and “%s” would rest on each other.", a.Claim, on)
		case !ok:
			c.fieldf("attribution", "There is no claim “%s”.", clip(on, 60))
		}
	}
}

// claim applies a claim's new status. It drops an attribution that would close a cycle, which can happen after an entry
// that broke the cycle is withdrawn. So following attributions always ends.
func (t *Talks) claim(a Act, by By) {
	if !slices.Contains(claimStatuses(), a.Status) {
		return
	}
	if on := RestsOn(a.Attribution); on != "" && t.index.rests.restsOn(on, a.Claim) {
		a.Attribution = ""
	}
	i, ok := t.index.claims[a.Claim]
	if !ok {
		i = len(t.Claims)
		t.index.claims[a.Claim] = i
		t.Claims = append(t.Claims, ClaimStanding{Claim: a.Claim, CitedBy: []int{}})
	}
	c := &t.Claims[i]
	c.Status, c.By = ClaimStatus(a.Status), by
	if a.Text != "" {
		c.Text = a.Text
	}
	if a.Attribution != "" {
		c.Attribution = a.Attribution
		t.index.rests.rest(a.Claim, RestsOn(a.Attribution))
	}
	if c.Text == "" { // the entry that had the text was withdrawn
		c.Text = spaced(a.Claim)
	}
	c.History = append(c.History, ClaimStep{c.Status, c.Text, c.Attribution, by})
}

func (t *Talks) orderClaims() {
	for i := range t.Claims {
		slices.Reverse(t.Claims[i].History)
	}
	slices.SortStableFunc(t.Claims, func(a, b ClaimStanding) int { return compareBy(b.By, a.By) })
}
