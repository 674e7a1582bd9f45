package liveblog

import "slices"

// Records returns the terms on which a quote may be used. Quotes that are off the record stay in drafts.
func Records() []string { return []string{"on", "background", "off"} }

// Quote is what somebody said.
type Quote struct {
	Speaker    string `json:"speaker"`
	Text       string `json:"text"`
	Original   string `json:"original,omitempty"`
	Language   string `json:"language,omitempty"`
	Translator string `json:"translator,omitempty"`
	Record     string `json:"record"` // on or background
	Source     string `json:"source,omitempty"`
	By         By     `json:"by"`
}

func quoteRule() actRule {
	return actRule{
		kind: ActQuote, required: []string{"speaker", "text"},
		optional: []string{"original", "language", "translator", "record", "source"},
		choice:   "record", choices: Records,
		check: func(c *actCheck, a Act, t *Talks) {
			if a.Record != "" && !slices.Contains(Records(), a.Record) {
				c.fieldf("record", "“%s” is not a value for the record; it is one of %s.", clip(a.Record, 60),
					listed(Records()))
			}
			if a.Record == "off" && t != nil {
				c.fieldf("record", "What was said off the record cannot be published.")
			}
			if a.Original != "" && a.Language == "" {
				c.fieldf("language", "The original needs its language, such as zh-Hans.")
			}
			if a.Original == "" && a.Translator != "" {
				c.fieldf("original", "A translation needs the original.")
			}
		},
		apply: func(t *Talks, a Act, by By) {
			if a.Record == "" {
				a.Record = "on"
			}
			t.Quotes = append(t.Quotes, Quote{a.Speaker, a.Text, a.Original, a.Language, a.Translator, a.Record,
				a.Source, by})
		},
		usage: "/quote Wu Xinbo: Countermeasures are necessary. " +
			"| original … | language zh | translator … | record on | source https://…",
		command: func(p *command) Act {
			return Act{
				Kind: ActQuote, Speaker: p.speaker(p.head), Text: p.text,
				Original: p.option("original"), Language: p.option("language"), Translator: p.option("translator"),
				Record: p.option("record"), Source: p.option("source"),
			}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Speaker)
			w.text(a.Text)
			w.option("original", a.Original)
			w.option("language", a.Language)
			w.option("translator", a.Translator)
			w.option("record", a.Record)
			w.option("source", a.Source)
		},
	}
}
