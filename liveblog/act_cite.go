package liveblog

import "slices"

func citeRule() actRule {
	return actRule{
		kind: ActCite, required: []string{"claim"},
		check: func(c *actCheck, a Act, t *Talks) {
			if t == nil {
				return
			}
			// One that is stated later can be cited as well: an older entry may turn out to rest on it.
			if _, ok := t.Claim(a.Claim); !ok && !c.stated(a.Claim) {
				c.fieldf("claim", "There is no claim “%s”.", a.Claim)
			}
		},
		apply:   func(*Talks, Act, By) {}, // see cite
		usage:   "/cite soybean-purchases",
		command: func(p *command) Act { return Act{Kind: ActCite, Claim: p.id(p.all())} },
		spell:   func(a Act, w *spelling) { w.head(a.Claim) },
	}
}

// cite notes for each claim the entries that rest on it. It comes last: a citation may be older than its claim, and one of
// a claim that was taken back counts again as soon as the claim is stated anew.
func (t *Talks) cite(all []ledgerEntry) {
	for i := range all {
		for k := range all[i].acts {
			at, ok := t.index.claims[all[i].acts[k].Claim]
			if !ok {
				continue
			}
			// The acts of one entry stand together, so what an entry has cited already is the last.
			cited := &t.Claims[at].CitedBy
			if n := len(*cited); n == 0 || (*cited)[n-1] != all[i].Entry {
				*cited = append(*cited, all[i].Entry)
			}
		}
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
