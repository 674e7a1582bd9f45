package liveblog

import "slices"

func citeRule() actRule {
	return actRule{
		kind: ActCite, required: []string{"claim"},
		check: func(c *actCheck, a Act, t *Talks) {
			if t == nil {
				return
			}
			// A claim that a later entry states can be cited as well, since an older entry may turn out to rest on it.
			if _, ok := t.Claim(a.Claim); !ok && !c.stated(a.Claim) {
				c.fieldf("claim", "There is no claim “%s”.", a.Claim)
			}
		},
		apply:   func(*Talks, Act, By) {}, // Talks.cite does it
		usage:   "/cite soybean-purchases",
		command: func(p *command) Act { return Act{Kind: ActCite, Claim: p.id(p.head)} },
		spell:   func(a Act, w *spelling) { w.head(a.Claim) },
	}
}

// cite records for each claim the entries that rest on it. It runs after all acts, since a citation may be older than
// its claim. So a citation of a withdrawn claim has effect again as soon as another entry states the claim.
func (t *Talks) cite(all []ledgerEntry) {
	for i := range all {
		for k := range all[i].acts {
			at, ok := t.index.claims[all[i].acts[k].Claim]
			if !ok {
				continue
			}
			// The acts of an entry follow each other, so an entry that has cited the claim already is the last one.
			cited := &t.Claims[at].CitedBy
			if n := len(*cited); n == 0 || (*cited)[n-1] != all[i].Entry {
				*cited = append(*cited, all[i].Entry)
			}
		}
	}
}

// Cited returns the ids of the claims that the acts state or cite, each once, in the order of the acts.
func (a Acts) Cited() (ids []string) {
	for _, act := range a.List() {
		if act.Claim != "" && !slices.Contains(ids, act.Claim) {
			ids = append(ids, act.Claim)
		}
	}
	return ids
}
