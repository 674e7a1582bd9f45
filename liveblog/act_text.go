package liveblog

import (
	"slices"
	"strings"
)

// Document is a text under negotiation, with its versions.
type Document struct {
	Document string            `json:"document"` // id
	Versions []DocumentVersion `json:"versions"` // oldest first
}

// DocumentVersion is one version of a document.
type DocumentVersion struct {
	Version string `json:"version"`
	Body    string `json:"body"`
	By      By     `json:"by"`
}

func textRule() actRule {
	return actRule{
		kind: ActText, required: []string{"document", "version", "body"},
		check: func(c *actCheck, a Act, t *Talks) {
			if t == nil {
				return
			}
			d, _ := t.Document(a.Document)
			if slices.ContainsFunc(d.Versions, func(v DocumentVersion) bool { return v.Version == a.Version }) {
				c.fieldf("version", "The document “%s” has a version “%s” already.", a.Document, a.Version)
			}
		},
		apply: func(t *Talks, a Act, by By) {
			i, ok := t.index.documents[a.Document]
			if !ok {
				i = len(t.Texts)
				t.index.documents[a.Document] = i
				t.Texts = append(t.Texts, Document{Document: a.Document})
			}
			t.Texts[i].Versions = append(t.Texts[i].Versions, DocumentVersion{a.Version, a.Body, by})
		},
		usage: "/text joint-statement draft 2\nThe two sides agree …",
		command: func(p *command) Act {
			id, version, _ := strings.Cut(p.head, " ")
			return Act{Kind: ActText, Document: p.id(id), Version: version, Body: p.block()}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Document, a.Version)
			w.block(a.Body)
		},
	}
}
