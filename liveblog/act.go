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
func rules() (all []actRule) {
	for _, kind := range []ActKind{ActMove, ActPosition, ActClaim, ActCite, ActQuote, ActReadout, ActText, ActSession, ActFigure} {
		rule, _ := ruleOf(kind)
		all = append(all, rule)
	}
	return all
}

// ruleOf makes one rule, not all: a fold asks for each act.
func ruleOf(kind ActKind) (rule actRule, ok bool) {
	switch kind {
	case ActMove:
		return moveRule(), true
	case ActPosition:
		return positionRule(), true
	case ActClaim:
		return claimRule(), true
	case ActCite:
		return citeRule(), true
	case ActQuote:
		return quoteRule(), true
	case ActReadout:
		return readoutRule(), true
	case ActText:
		return textRule(), true
	case ActSession:
		return sessionRule(), true
	case ActFigure:
		return figureRule(), true
	}
	return rule, false
}

// takes reports whether acts of the kind have the field.
func (r actRule) takes(field string) bool {
	return slices.Contains(r.required, field) || slices.Contains(r.others, field)
}

// whole reports whether an act has what its kind requires.
func (r actRule) whole(a *Act) bool {
	return !slices.ContainsFunc(r.required, a.missing)
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

// ParseActs reads the JSON of acts as the API takes it. It fails with [Invalid] naming, for example, "acts[2].track";
// unknown members and members of other kinds are refused.
func ParseActs(text []byte) (Acts, error) {
	var v invalid
	var list []Act
	values, n, ok := items(text, MaxActs)
	switch {
	case !ok:
		v.addf("acts", "The field “acts” must be a list of objects.")
	case n > MaxActs:
		v.addf("acts", "The entry has %d acts; %d is the limit.", n, MaxActs)
	default:
		for i, value := range values {
			list = append(list, parseAct(&v, fmt.Sprintf("acts[%d]", i), value))
		}
	}
	if err := v.err(); err != nil {
		return "", err
	}
	return NewActs(list), nil
}

func parseAct(v *invalid, at string, text []byte) (a Act) {
	all, ok := members(text)
	if !ok {
		v.addf(at, "An act must be an object.")
		return a
	}
	i := slices.IndexFunc(all, func(m member) bool { return m.name == "kind" })
	if i < 0 || !readValue(all[i].value, &a.Kind) {
		v.addf(at+".kind", "An act needs a kind, which is a text.")
		return a
	}
	rule, ok := ruleOf(a.Kind)
	if !ok {
		v.addf(at+".kind", "“%s” is not a kind of act.", clip(string(a.Kind), 60))
		return a
	}
	seen := map[string]bool{}
	for _, m := range all {
		field := at + "." + clip(m.name, 60)
		switch into := a.field(m.name); {
		case seen[m.name]:
			v.addf(field, "The field “%s” comes twice.", clip(m.name, 60))
		case m.name == "kind":
		case !rule.takes(m.name):
			v.addf(field, "An act of the kind %s has no field “%s”.", a.Kind, clip(m.name, 60))
		case !readValue(m.value, into):
			v.addf(field, "The field “%s” must be %s.", m.name, valueName(into))
		}
		seen[m.name] = true
	}
	return a
}

// actCheck collects what is wrong with one act.
type actCheck struct {
	*invalid
	setup Setup
	at    string // "acts[2]"
	by    By     // the entry
	// stated reports whether another entry, be it a later one, states the claim.
	stated func(claim string) bool
}

func (c *actCheck) fieldf(field, format string, args ...any) {
	c.addf(c.at+"."+field, format, args...)
}

// check returns the acts tidied, or an [Invalid] error that names each field at fault. Without talks only what does not
// depend on other entries is looked at. With them the acts are applied one after the other.
func (a Acts) check(setup Setup, t *Talks, by By, stated func(claim string) bool) (Acts, error) {
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
		c := &actCheck{invalid: &v, setup: setup, at: fmt.Sprintf("acts[%d]", i), by: by, stated: stated}
		rule, ok := ruleOf(list[i].Kind)
		if !ok {
			c.fieldf("kind", "“%s” is not a kind of act.", clip(string(list[i].Kind), 60))
			continue
		}
		before := v.count()
		c.tidy(&list[i], rule)
		if v.count() == before {
			rule.check(c, list[i], t)
		}
		if t != nil && v.count() == before {
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
	a.Body = strings.TrimLeft(a.Body, "\n")
	for _, name := range rule.required {
		if a.missing(name) {
			c.fieldf(name, "A %s needs the field “%s”.", rule.kind, name)
		}
	}
	for _, name := range actFields() {
		if !rule.takes(name) && !a.missing(name) {
			c.fieldf(name, "An act of the kind %s has no field “%s”.", rule.kind, name)
		}
	}
	a.Starts, a.Ends = c.moment(c.at+".starts", a.Starts), c.moment(c.at+".ends", a.Ends)
	for _, r := range a.references() {
		if !r.known(c.setup) {
			c.fieldf(r.field, "There is no %s “%s” in the setup of this blog.", r.field, clip(r.id, 60))
		}
	}
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

// reference is what an act names of the setup.
type reference struct {
	field, list, id string // of the act, of the setup
}

// references returns what the act names of the setup; an id may be empty.
func (a *Act) references() [5]reference {
	return [...]reference{{"track", "tracks", a.Track}, {"party", "parties", a.Party}, {"speaker", "speakers", a.Speaker},
		{"meeting", "meetings", a.Meeting}, {"session", "sessions", a.Session}}
}

// references returns everything in the setup that an act can name.
func (s Setup) references() map[reference]bool {
	all := map[reference]bool{}
	for _, x := range s.Tracks {
		all[reference{"track", "tracks", x.ID}] = true
	}
	for _, x := range s.Parties {
		all[reference{"party", "parties", x.ID}] = true
	}
	for _, x := range s.Speakers {
		all[reference{"speaker", "speakers", x.ID}] = true
	}
	for _, x := range s.Meetings {
		all[reference{"meeting", "meetings", x.ID}] = true
	}
	for _, x := range s.Sessions {
		all[reference{"session", "sessions", x.ID}] = true
	}
	return all
}

// known reports whether the setup has what is named; nothing is always known.
func (r reference) known(s Setup) (ok bool) {
	if r.id == "" {
		return true
	}
	switch r.field {
	case "track":
		_, ok = s.Track(r.id)
	case "party":
		_, ok = s.Party(r.id)
	case "speaker":
		_, ok = s.Speaker(r.id)
	case "meeting":
		_, ok = s.Meeting(r.id)
	case "session":
		_, ok = s.Session(r.id)
	}
	return ok
}

// ownID checks an id that acts bring in themselves.
func (c *actCheck) ownID(field, id string) {
	if id != "" && (len(id) > maxSlug || !slugPattern.MatchString(id)) {
		c.fieldf(field, "“%s” is no id; it takes lower-case letters, digits and single hyphens between them.", clip(id, 60))
	}
}

// actFields is the name of every field but the kind, as the API spells them and in the order of [Act].
func actFields() []string {
	return []string{"track", "party", "speaker", "meeting", "session", "claim", "document", "figure", "to", "status", "text", "attribution",
		"original", "language", "translator", "record", "points", "version", "body", "starts", "ends", "value", "unit", "source"}
}

// field returns where the act keeps a field, by its name in the API: a pointer, nil for a name that acts do not have.
func (a *Act) field(name string) any {
	switch name {
	case "track":
		return &a.Track
	case "party":
		return &a.Party
	case "speaker":
		return &a.Speaker
	case "meeting":
		return &a.Meeting
	case "session":
		return &a.Session
	case "claim":
		return &a.Claim
	case "document":
		return &a.Document
	case "figure":
		return &a.Figure
	case "to":
		return &a.To
	case "status":
		return &a.Status
	case "text":
		return &a.Text
	case "attribution":
		return &a.Attribution
	case "original":
		return &a.Original
	case "language":
		return &a.Language
	case "translator":
		return &a.Translator
	case "record":
		return &a.Record
	case "points":
		return &a.Points
	case "version":
		return &a.Version
	case "body":
		return &a.Body
	case "starts":
		return &a.Starts
	case "ends":
		return &a.Ends
	case "value":
		return &a.Value
	case "unit":
		return &a.Unit
	case "source":
		return &a.Source
	}
	return nil
}

// missing reports whether a field, by its name in the API, is empty.
func (a *Act) missing(field string) bool {
	switch v := a.field(field).(type) {
	case *string:
		return *v == ""
	case *TrackState:
		return *v == ""
	case *[]string:
		return len(*v) == 0
	case **time.Time:
		return *v == nil
	}
	return true
}
