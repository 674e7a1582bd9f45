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
// entry is removed or changed. The kind determines which fields an act may have; its JSON form is that of the API.
type Act struct {
	Kind ActKind `json:"kind"`

	// IDs of items in the setup.
	Track   string `json:"track,omitempty"`
	Party   string `json:"party,omitempty"`
	Speaker string `json:"speaker,omitempty"`
	Meeting string `json:"meeting,omitempty"`
	Session string `json:"session,omitempty"`

	// IDs that acts introduce themselves.
	Claim    string `json:"claim,omitempty"`
	Document string `json:"document,omitempty"`
	Figure   string `json:"figure,omitempty"`

	To     TrackState `json:"to,omitempty"`
	Status string     `json:"status,omitempty"` // of a claim or a session
	Text   string     `json:"text,omitempty"`
	// Attribution says whose claim it is; "claim:ID" means that it rests on another claim.
	Attribution string `json:"attribution,omitempty"`
	Original    string `json:"original,omitempty"` // of a quote, in the language in which it was said
	Language    string `json:"language,omitempty"` // of the original, a BCP 47 tag
	Translator  string `json:"translator,omitempty"`
	Record      string `json:"record,omitempty"` // on, background or off
	// Points are those of a readout. A point "[topic] text" is aligned with the same topic in other readouts.
	Points  []string   `json:"points,omitempty"`
	Version string     `json:"version,omitempty"`
	Body    string     `json:"body,omitempty"`
	Starts  *time.Time `json:"starts,omitempty"`
	Ends    *time.Time `json:"ends,omitempty"`
	Value   string     `json:"value,omitempty"`
	Unit    string     `json:"unit,omitempty"`
	Source  string     `json:"source,omitempty"` // an http or https address
}

// actRule defines one kind of act: its fields, its checks, its effect on the talks and its slash command.
type actRule struct {
	kind               ActKind
	required, optional []string // names of fields, as the API spells them
	// choice is the field that has one of a few words, which choices returns; it is "" if there is none.
	choice  string
	choices func() []string
	// check checks an act whose fields are tidied and present. t is the state of the talks before the act, or nil for
	// a draft, for which only rules that do not depend on other entries apply.
	check func(c *actCheck, a Act, t *Talks)
	// apply applies an act whose references are known. It must accept acts that check would refuse, because an entry
	// that an act builds on may have been removed since.
	apply func(t *Talks, a Act, by By)
	// command parses what follows the kind's name in a slash command, and spell writes it.
	command func(p *command) Act
	spell   func(a Act, w *spelling)
	usage   string // an example of the command, shown in the composer's help
}

// actKinds returns all kinds of acts.
func actKinds() []ActKind {
	return []ActKind{ActMove, ActPosition, ActClaim, ActCite, ActQuote, ActReadout, ActText, ActSession, ActFigure}
}

// rules returns the rules of all kinds.
func rules() (all []actRule) {
	for _, kind := range actKinds() {
		rule, _ := ruleOf(kind)
		all = append(all, rule)
	}
	return all
}

// ruleOf builds only the rule asked for, since it is called once for each act.
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

// takes reports whether acts of the kind may have the field.
func (r actRule) takes(field string) bool {
	return slices.Contains(r.required, field) || slices.Contains(r.optional, field)
}

// complete reports whether an act has every field that its kind requires.
func (r actRule) complete(a *Act) bool {
	return !slices.ContainsFunc(a.fields(), func(f actField) bool {
		return f.empty() && slices.Contains(r.required, f.name)
	})
}

// Limits of acts.
const (
	MaxActs     = 50       // of one entry
	maxActText  = 2000     // characters of a line of text
	maxActBody  = 64 << 10 // bytes of a document's version
	maxActBytes = 128 << 10
	maxPoints   = 60
	maxSource   = 2000 // bytes
)

// Acts are the acts of an entry as canonical JSON, so that entries can be compared with ==. No acts are "".
type Acts string

// NewActs returns the canonical form of a list of acts.
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

// List returns the acts, or nil if a is not valid JSON.
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

// ParseActs parses the JSON of acts as the API takes it. It fails with [Invalid], naming fields such as
// "acts[2].track", and refuses unknown members and members that belong to other kinds of acts.
func ParseActs(text []byte) (Acts, error) {
	var v FieldErrors
	var list []Act
	values, n, ok := items(text, MaxActs)
	switch {
	case !ok:
		v.Addf("acts", "The field “acts” must be a list of objects.")
	case n > MaxActs:
		v.Addf("acts", "The entry has %d acts; %d is the limit.", n, MaxActs)
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

func parseAct(v *FieldErrors, at string, text []byte) (a Act) {
	all, ok := members(text)
	if !ok {
		v.Addf(at, "An act must be an object.")
		return a
	}
	i := slices.IndexFunc(all, func(m member) bool { return m.name == "kind" })
	if i < 0 || !readValue(all[i].value, &a.Kind) {
		v.Addf(at+".kind", "An act needs a kind, which is a text.")
		return a
	}
	a.Kind = choice(a.Kind, actKinds())
	rule, ok := ruleOf(a.Kind)
	if !ok {
		v.Addf(at+".kind", "“%s” is not a kind of act.", clip(string(a.Kind), 60))
		return a
	}
	seen := map[string]bool{}
	for _, m := range all {
		field := at + "." + clip(m.name, 60)
		switch into := a.field(m.name); {
		case seen[m.name]:
			v.Addf(field, "The field “%s” comes twice.", clip(m.name, 60))
		case m.name == "kind":
		case !rule.takes(m.name):
			v.Addf(field, "An act of the kind %s has no field “%s”.", a.Kind, clip(m.name, 60))
		case !readValue(m.value, into):
			v.Addf(field, "The field “%s” must be %s.", m.name, valueName(into))
		}
		seen[m.name] = true
	}
	return a
}

// actCheck collects the errors of one act.
type actCheck struct {
	*FieldErrors
	known map[reference]bool // every item in the setup
	at    string             // "acts[2]"
	by    By                 // the entry that has the act
	// stated reports whether this or another entry, which may be a later one, states the claim.
	stated func(claim string) bool
}

func (c *actCheck) fieldf(field, format string, args ...any) {
	c.Addf(c.at+"."+field, format, args...)
}

// check returns the acts tidied, or an [Invalid] error that names each field at fault. If t is nil, it applies only
// rules that do not depend on other entries. Otherwise it also applies the acts to t, one after the other.
func (a Acts) check(setup Setup, t *Talks, by By, stated func(claim string) bool) (Acts, error) {
	if a == "" {
		return a, nil
	}
	var v FieldErrors
	list := a.List()
	switch {
	case len(list) == 0:
		v.Addf("acts", "The acts cannot be read.")
	case len(list) > MaxActs:
		v.Addf("acts", "The entry has %d acts; %d is the limit.", len(list), MaxActs)
	case len(a) > maxActBytes:
		v.Addf("acts", "The acts take %d bytes; %d is the limit.", len(a), maxActBytes)
	}
	if err := v.err(); err != nil {
		return a, err
	}
	known := setup.references()
	for i := range list {
		c := &actCheck{FieldErrors: &v, known: known, at: fmt.Sprintf("acts[%d]", i), by: by, stated: stated}
		rule, ok := ruleOf(list[i].Kind)
		if !ok {
			c.fieldf("kind", "“%s” is not a kind of act.", clip(string(list[i].Kind), 60))
			continue
		}
		before := v.Count()
		c.tidy(&list[i], rule)
		if v.Count() == before {
			rule.check(c, list[i], t)
		}
		if t != nil && v.Count() == before {
			rule.apply(t, list[i], by)
		}
	}
	return NewActs(list), v.err()
}

// tidy normalizes an act's texts and times, and checks that it has the fields of its kind and that its references
// exist.
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
		if !a.hasField(name) {
			c.fieldf(name, "A %s needs the field “%s”.", rule.kind, name)
		}
	}
	for _, f := range a.fields() {
		if !rule.takes(f.name) && !f.empty() {
			c.fieldf(f.name, "An act of the kind %s has no field “%s”.", rule.kind, f.name)
		}
	}
	switch v := a.field(rule.choice).(type) {
	case *string:
		*v = choice(*v, rule.choices())
	case *TrackState:
		*v = choice(*v, rule.choices())
	}
	a.Starts, a.Ends = c.moment(c.at+".starts", a.Starts), c.moment(c.at+".ends", a.Ends)
	for _, r := range a.references() {
		if !c.known[r] {
			c.fieldf(r.field, "There is no %s “%s” in the setup of this blog.", r.field, clip(r.id, 60))
		}
	}
	c.ownID("claim", a.Claim)
	c.ownID("document", a.Document)
	c.ownID("figure", a.Figure)
	if a.Source != "" && !isWebAddress(a.Source) {
		c.fieldf("source", "The source must be an address that begins with http:// or https://.")
	}
	if a.Language != "" && !languagePattern.MatchString(a.Language) {
		c.fieldf("language", "“%s” is not a language tag; use one such as en or zh-Hans.", clip(a.Language, 60))
	}
}

// isWebAddress reports whether s is an address that can be used as a link.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") &&
		len(s) <= maxSource && !strings.ContainsAny(s, " \t\n\"<>")
}

// reference is an item in the setup that an act refers to.
type reference struct {
	field string // of the act
	list  string // of the setup
	id    string
}

// references returns the references of the act; each id may be empty.
func (a *Act) references() [5]reference {
	return [...]reference{
		{"track", "tracks", a.Track},
		{"party", "parties", a.Party},
		{"speaker", "speakers", a.Speaker},
		{"meeting", "meetings", a.Meeting},
		{"session", "sessions", a.Session},
	}
}

// references returns every item in the setup that an act can refer to, and the empty references, which need no item.
func (s Setup) references() map[reference]bool {
	all := map[reference]bool{}
	for _, none := range (&Act{}).references() {
		all[none] = true
	}
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

// ownID checks an id that an act introduces.
func (c *actCheck) ownID(field, id string) {
	if id != "" && !isSlug(id) {
		c.fieldf(field, "“%s” is no id; it takes lower-case letters, digits and single hyphens between them.",
			clip(id, 60))
	}
}

// actField is one field of an act: its name in the API and a pointer to its value.
type actField struct {
	name  string
	value any // a *string, *TrackState, *[]string or **time.Time
}

// fields returns every field of the act but its kind, in the order of [Act].
func (a *Act) fields() []actField {
	return []actField{
		{"track", &a.Track}, {"party", &a.Party}, {"speaker", &a.Speaker}, {"meeting", &a.Meeting},
		{"session", &a.Session},
		{"claim", &a.Claim}, {"document", &a.Document}, {"figure", &a.Figure},
		{"to", &a.To}, {"status", &a.Status}, {"text", &a.Text}, {"attribution", &a.Attribution},
		{"original", &a.Original}, {"language", &a.Language}, {"translator", &a.Translator}, {"record", &a.Record},
		{"points", &a.Points}, {"version", &a.Version}, {"body", &a.Body}, {"starts", &a.Starts}, {"ends", &a.Ends},
		{"value", &a.Value}, {"unit", &a.Unit}, {"source", &a.Source},
	}
}

// field returns a pointer to the value of the named field, or nil if acts have no such field.
func (a *Act) field(name string) any {
	for _, f := range a.fields() {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// hasField reports whether the named field is not empty.
func (a *Act) hasField(name string) bool {
	return slices.ContainsFunc(a.fields(), func(f actField) bool { return f.name == name && !f.empty() })
}

func (f actField) empty() bool {
	switch v := f.value.(type) {
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
