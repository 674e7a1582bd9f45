package liveblog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ActKind says what an act states.
type ActKind string

// The kinds of acts. Each has a file of its own that holds its rule: act_move.go and so on.
const (
	ActMove     ActKind = "move"     // a track goes to a state
	ActPosition ActKind = "position" // what a party says on a track
	ActClaim    ActKind = "claim"    // a claim, or its new status
	ActCite     ActKind = "cite"     // the entry rests on a claim
	ActQuote    ActKind = "quote"    // what somebody said
	ActReadout  ActKind = "readout"  // a party's account of a meeting
	ActText     ActKind = "text"     // a version of a document
	ActSession  ActKind = "session"  // a session of the timetable
	ActFigure   ActKind = "figure"   // a number worth watching
)

// Act is one typed statement about the negotiation. It takes effect when its entry is published and lapses when the
// entry is removed or changed. Its kind says which of the fields it has; its JSON form is that of the API.
type Act struct {
	Kind        ActKind    `json:"kind"`
	Track       string     `json:"track,omitempty"` // ids of the setup
	Party       string     `json:"party,omitempty"`
	Speaker     string     `json:"speaker,omitempty"`
	Meeting     string     `json:"meeting,omitempty"`
	Session     string     `json:"session,omitempty"`
	Claim       string     `json:"claim,omitempty"` // ids that acts bring in themselves
	Document    string     `json:"document,omitempty"`
	Figure      string     `json:"figure,omitempty"`
	To          TrackState `json:"to,omitempty"`
	Status      string     `json:"status,omitempty"` // of a claim or a session
	Text        string     `json:"text,omitempty"`
	Attribution string     `json:"attribution,omitempty"` // of a claim: who says so; "claim:ID" for what another claim says
	Original    string     `json:"original,omitempty"`    // of a quote, in the language it was said in
	Language    string     `json:"language,omitempty"`    // of the original, a BCP 47 tag
	Translator  string     `json:"translator,omitempty"`
	Record      string     `json:"record,omitempty"` // on, background or off
	Points      []string   `json:"points,omitempty"` // of a readout; "[topic] text" aligns with the same topic elsewhere
	Version     string     `json:"version,omitempty"`
	Body        string     `json:"body,omitempty"`
	Starts      *time.Time `json:"starts,omitempty"`
	Ends        *time.Time `json:"ends,omitempty"`
	Value       string     `json:"value,omitempty"`
	Unit        string     `json:"unit,omitempty"`
	Source      string     `json:"source,omitempty"` // an http or https address
}

// actRule is what one kind of act is: which fields it takes, when it is right, and what it changes.
type actRule struct {
	kind             ActKind
	required, others []string // names of fields, as the API spells them
	// check looks at an act whose fields are tidied and present. t is where the talks stand before it; nil for a
	// draft, of which only what does not depend on others is asked.
	check func(c *actCheck, a Act, t *Talks)
	// apply takes any act whose references are known, legal or not: what was before it may have been taken back.
	apply func(t *Talks, a Act, by By)
	// command reads what follows the kind's name in a slash command, and spell writes it.
	command func(p *command) Act
	spell   func(a Act, w *spelling)
	usage   string // of the command, for the composer's help
}

// rules is every kind of act.
func rules() []actRule {
	return []actRule{moveRule(), positionRule(), claimRule(), citeRule(), quoteRule(), readoutRule(), textRule(), sessionRule(), figureRule()}
}

func ruleOf(kind ActKind) (actRule, bool) {
	return find(rules(), func(r actRule) bool { return r.kind == kind })
}

// Limits of acts.
const (
	MaxActs     = 50       // of one entry
	maxActText  = 2000     // characters of a line of text
	maxActBody  = 64 << 10 // bytes of a document's version
	maxActBytes = 128 << 10
	maxPoints   = 60
)

// Acts are the acts of an entry in canonical form, "" for none, so that entries can be compared.
type Acts string

// NewActs returns the canonical form.
func NewActs(list []Act) Acts {
	if len(list) == 0 {
		return ""
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(list); err != nil {
		panic(fmt.Sprintf("liveblog: acts do not encode: %v", err))
	}
	return Acts(bytes.TrimSpace(b.Bytes()))
}

// List returns the acts, none where the form is not ours.
func (a Acts) List() []Act {
	if a == "" {
		return nil
	}
	var list []Act
	if json.Unmarshal([]byte(a), &list) != nil {
		return nil
	}
	return list
}

// ParseActs reads the JSON of acts as the API takes it. It fails with [Malformed] or [Invalid] naming, for example,
// "acts[2].track"; unknown members and members of other kinds are refused.
func ParseActs(text []byte) (Acts, error) {
	var raw []map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return "", FieldErrorf(Invalid, "acts", "The field “acts” must be a list of objects.")
	}
	var v invalid
	list := make([]Act, len(raw))
	for i, members := range raw {
		at := fmt.Sprintf("acts[%d]", i)
		var kind string
		if json.Unmarshal(members["kind"], &kind) != nil {
			v.addf(at+".kind", "An act needs a kind.")
			continue
		}
		rule, ok := ruleOf(ActKind(kind))
		if !ok {
			v.addf(at+".kind", "“%s” is not a kind of act.", clip(kind, 60))
			continue
		}
		for name, value := range members {
			switch {
			case name == "kind":
			case !slices.Contains(rule.required, name) && !slices.Contains(rule.others, name):
				v.addf(at+"."+clip(name, 60), "An act of the kind %s has no field “%s”.", kind, clip(name, 60))
			default:
				one, _ := json.Marshal(map[string]json.RawMessage{name: value})
				if err := json.Unmarshal(one, &list[i]); err != nil {
					v.addf(at+"."+name, "The field “%s” cannot be read; %s.", name, wanted(name))
				}
			}
		}
		list[i].Kind = ActKind(kind)
	}
	if err := v.err(); err != nil {
		return "", err
	}
	return NewActs(list), nil
}

func wanted(field string) string {
	switch field {
	case "starts", "ends":
		return "it is a time such as 2025-10-30T11:00:00+09:00"
	case "points":
		return "it is a list of texts"
	}
	return "it is a text"
}

// actCheck collects what is wrong with one act.
type actCheck struct {
	*invalid
	setup Setup
	at    string // "acts[2]"
}

func (c *actCheck) fieldf(field, format string, args ...any) {
	c.addf(c.at+"."+field, format, args...)
}

// check returns the acts tidied, or an [Invalid] error that names each field at fault. Without talks only what does not
// depend on other entries is looked at. With them the acts are applied one after the other.
func (a Acts) check(setup Setup, t *Talks, by By) (Acts, error) {
	if a == "" {
		return a, nil
	}
	var v invalid
	list := a.List()
	switch {
	case len(list) == 0:
		v.addf("acts", "The acts cannot be read.")
	case len(list) > MaxActs:
		v.addf("acts", "The entry has %d acts; %d is the limit.", len(list), MaxActs)
	case len(a) > maxActBytes:
		v.addf("acts", "The acts take %d bytes; %d is the limit.", len(a), maxActBytes)
	}
	if err := v.err(); err != nil {
		return a, err
	}
	for i := range list {
		c := &actCheck{invalid: &v, setup: setup, at: fmt.Sprintf("acts[%d]", i)}
		rule, ok := ruleOf(list[i].Kind)
		if !ok {
			c.fieldf("kind", "“%s” is not a kind of act.", clip(string(list[i].Kind), 60))
			continue
		}
		before := len(v.fields)
		c.tidy(&list[i], rule)
		if len(v.fields) == before {
			rule.check(c, list[i], t)
		}
		if t != nil && len(v.fields) == before {
			rule.apply(t, list[i], by)
		}
	}
	return NewActs(list), v.err()
}

// tidy sees that an act has what its kind needs and that its texts and references are right.
func (c *actCheck) tidy(a *Act, rule actRule) {
	a.Text = c.line(c.at+".text", "text", a.Text, maxActText)
	a.Attribution = c.line(c.at+".attribution", "attribution", a.Attribution, maxItemText)
	a.Original = c.line(c.at+".original", "original", a.Original, maxActText)
	a.Translator = c.line(c.at+".translator", "translator", a.Translator, maxItemName)
	a.Version = c.line(c.at+".version", "version", a.Version, maxItemName)
	a.Value = c.line(c.at+".value", "value", a.Value, maxItemName)
	a.Unit = c.line(c.at+".unit", "unit", a.Unit, maxItemName)
	a.Body = c.text(c.at+".body", "text", a.Body, maxActBody)
	if len(a.Points) > maxPoints {
		c.fieldf("points", "The readout has %d points; %d is the limit.", len(a.Points), maxPoints)
	}
	points := a.Points
	a.Points = nil
	for i, p := range points {
		if p = c.line(fmt.Sprintf("%s.points[%d]", c.at, i), "point", p, maxActText); p != "" {
			a.Points = append(a.Points, p)
		}
	}
	for _, name := range rule.required {
		if a.missing(name) {
			c.fieldf(name, "A %s needs the field “%s”.", rule.kind, name)
		}
	}
	known := func(field, id string, ok bool) {
		if id != "" && !ok {
			c.fieldf(field, "There is no %s “%s” in the setup of this blog.", field, clip(id, 60))
		}
	}
	_, ok := c.setup.Track(a.Track)
	known("track", a.Track, ok)
	_, ok = c.setup.Party(a.Party)
	known("party", a.Party, ok)
	_, ok = c.setup.Speaker(a.Speaker)
	known("speaker", a.Speaker, ok)
	_, ok = c.setup.Meeting(a.Meeting)
	known("meeting", a.Meeting, ok)
	_, ok = c.setup.Session(a.Session)
	known("session", a.Session, ok)
	c.ownID("claim", a.Claim)
	c.ownID("document", a.Document)
	c.ownID("figure", a.Figure)
	if a.Source != "" {
		if u, err := url.Parse(a.Source); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(a.Source) > 2000 || strings.ContainsAny(a.Source, " \t\n\"<>") {
			c.fieldf("source", "The source must be an address that begins with http:// or https://.")
		}
	}
	if a.Language != "" && !languagePattern.MatchString(a.Language) {
		c.fieldf("language", "“%s” is not a language tag; use one such as en or zh-Hans.", clip(a.Language, 60))
	}
}

// ownID checks an id that acts bring in themselves.
func (c *actCheck) ownID(field, id string) {
	if id != "" && (len(id) > maxSlug || !slugPattern.MatchString(id)) {
		c.fieldf(field, "“%s” is no id; it takes lower-case letters, digits and single hyphens between them.", clip(id, 60))
	}
}

// missing reports whether a field, by its name in the API, is empty.
func (a Act) missing(field string) bool {
	b, err := json.Marshal(a)
	if err != nil {
		return true
	}
	var members map[string]json.RawMessage
	json.Unmarshal(b, &members)
	_, there := members[field]
	return !there
}
