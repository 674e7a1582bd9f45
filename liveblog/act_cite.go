package liveblog

import "slices"

func citeRule() actRule {
	return actRule{
		kind: ActCite, required: []string{"claim"},
		check: func(c *actCheck, a Act, t *Talks) {
			if t == nil {
				return
			}
			if _, ok := t.Claim(a.Claim); !ok {
				c.fieldf("claim", "There is no claim “%s”.", a.Claim)
			}
		},
		apply: func(t *Talks, a Act, by By) {
			// Nothing is cited that was taken back; it stands again when the claim does.
			if i := slices.IndexFunc(t.Claims, func(c ClaimStanding) bool { return c.Claim == a.Claim }); i >= 0 {
				t.Claims[i].cited(by.Entry)
			}
		},
		usage:   "/cite soybean-purchases",
		command: func(p *command) Act { return Act{Kind: ActCite, Claim: p.id(p.all())} },
		spell:   func(a Act, w *spelling) { w.head(a.Claim) },
	}
}

// Cited returns the claims that the acts state or cite, each once, in their order.
func (a Acts) Cited() (ids []string) {
	for _, act := range a.List() {
		if act.Claim != "" && !slices.Contains(ids, act.Claim) {
			ids = append(ids, act.Claim)
		}
	}
	return ids
}
