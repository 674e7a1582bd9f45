package liveblog

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Typed is the input for an entry: its text, and its acts either as slash commands or as a program sends them. The text
// may contain commands too, each at the beginning of a line: see [LiftCommands].
type Typed struct {
	Headline string // may not look like a command
	Body     string
	Commands *string // the content of the field for commands; nil if there was no such field
	Acts     *Acts   // acts in place of commands; nil to keep those of the entry
	// Was is the entry as it is; zero for a new one. A headline or a text that it has already is not searched for
	// commands again.
	Was Entry
	// Members are the names that a byline may have, nil for any; Now is the present time.
	Members []string
	Now     time.Time
}

// HasCommands reports whether the field or the text has a command, or a line that is nearly one.
func (t Typed) HasCommands() bool {
	if t.Commands != nil && !blank(*t.Commands) {
		return true
	}
	_, lifted, near := t.lift()
	return len(lifted) > 0 || len(near) > 0
}

// lift returns the text without its commands, the commands, and the errors of [NearCommands].
func (t Typed) lift() (body string, lifted []TypedCommand, near []FieldError) {
	same := func(a, b string) bool { return strings.Join(lines(strings.TrimSpace(a)), "\n") == strings.TrimSpace(b) }
	if !same(t.Headline, t.Was.Headline) {
		near = NearCommands("headline", t.Headline)
	}
	if same(t.Body, t.Was.Body) {
		return t.Body, nil, near
	}
	near = append(near, NearCommands("body", t.Body)...)
	body, lifted = LiftCommands(t.Body)
	return body, lifted, near
}

// Stated is the parsed form of [Typed].
type Stated struct {
	Body string // without the commands
	Acts Acts
	Told Told     // what commands say about the entry itself
	from []origin // of each act
}

// origin is the field and the line in which an act was typed. It is zero for an act that was not typed.
type origin struct {
	field string
	TypedCommand
}

// Read parses the commands: first those of the field, then those of the text. If the field still has the commands of
// the entry's acts, these acts stay exactly as they are, including details that commands cannot express. A command of
// the text that repeats one of the other acts adds nothing. Times without a zone are in loc.
//
// Read fails with [Invalid], naming the field "acts", "body" or "headline", with the line of each command at fault, or
// of each line that is nearly a command, in the message.
func (t Typed) Read(setup Setup, loc *time.Location) (s Stated, err error) {
	var all []Act
	prev := t.Was.Acts
	body, lifted, near := t.lift()
	s.Body = body
	var problems FieldErrors
	problems.Add(&Error{Fields: near})
	read := func(text string, from []origin) {
		acts, err := ParseCommands(setup, loc, text)
		if e, ok := errors.AsType[*Error](locate(err, from, false)); ok {
			problems.Add(e)
		}
		all = append(all, acts.List()...)
		s.from = append(s.from, from...)
	}
	spelt := prev.Commands(loc)
	var field, acts string
	if t.Commands != nil {
		var own []TypedCommand
		field, acts, own = cutEntryCommands(*t.Commands)
		s.Told.read(&problems, "acts", own, t.Members, t.Now, loc)
	}
	lifted, own := splitLifted(lifted)
	s.Told.read(&problems, "body", own, t.Members, t.Now, loc)
	switch {
	case t.Commands != nil && acts != spelt:
		read(field, origins("acts", FindCommands(field)))
	case t.Commands != nil:
		all, s.from = prev.List(), origins("acts", FindCommands(spelt))
	case t.Acts != nil:
		all = t.Acts.List()
		s.from = make([]origin, len(all))
	default:
		all = prev.List()
		s.from = make([]origin, len(all))
	}
	if len(lifted) > 0 {
		had := all
		read(joinCommands(lifted), origins("body", lifted))
		all, s.from = withoutRepeats(all, s.from, len(had))
	}
	if err := problems.Err(Invalid, "commands"); err != nil {
		return s, err
	}
	s.Acts = NewActs(all)
	if tidied, err := CheckDraft(setup, s.Acts); err == nil { // the store reports errors
		s.Acts = tidied
	}
	return s, nil
}

func joinCommands(commands []TypedCommand) string {
	lines := make([]string, len(commands))
	for i, c := range commands {
		lines[i] = c.Text
	}
	return strings.Join(lines, "\n")
}

// withoutRepeats drops later acts that are equal to one of the first n.
func withoutRepeats(all []Act, from []origin, n int) ([]Act, []origin) {
	if len(from) != len(all) {
		return all, from // some could not be parsed, so the entry is refused anyway
	}
	known := map[Acts]bool{}
	for _, a := range all[:n] {
		known[NewActs([]Act{a})] = true
	}
	kept, origins := slices.Clone(all[:n]), slices.Clone(from[:n])
	for i := n; i < len(all); i++ {
		if !known[NewActs(all[i:i+1])] {
			kept, origins = append(kept, all[i]), append(origins, from[i])
		}
	}
	return kept, origins
}

func origins(field string, found []TypedCommand) []origin {
	all := make([]origin, len(found))
	for i, c := range found {
		all[i] = origin{field, c}
	}
	return all
}

// Locate makes an error about typed acts refer to their commands: it replaces the field, and adds the line and the
// command to the message. It does not change what the error says about other acts and fields.
func (s Stated) Locate(err error) error { return locate(err, s.from, true) }

var actPath = regexp.MustCompile(`^acts\[(\d+)\]`)

// locate implements [Stated.Locate]. With quote, messages quote the command.
func locate(err error, from []origin, quote bool) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	return e.MapFields(func(f FieldError) FieldError {
		m := actPath.FindStringSubmatch(f.Field)
		if m == nil {
			return f
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || n >= len(from) || from[n].field == "" {
			return f
		}
		at := "Line " + strconv.Itoa(from[n].Line)
		if quote {
			first, _, _ := strings.Cut(from[n].Text, "\n")
			at += ", “" + clip(first, 80) + "”"
		}
		return FieldError{Field: from[n].field, Message: at + ": " + f.Message}
	})
}

// read returns the patch with its commands replaced by acts, and stores their parsed form in s.
func (p EntryPatch) read(was Before, s *Stated) (EntryPatch, error) {
	e := was.Entry
	typed := was.typed(e)
	typed.Commands, typed.Acts = p.Commands, p.Acts
	set(&typed.Headline, p.Headline)
	set(&typed.Body, p.Body)
	if p.Byline != nil && *p.Byline != "" {
		name, err := memberCalled(typed.Members, *p.Byline)
		if err != nil {
			return p, FieldErrorf(Invalid, "byline", "%s", err.Message)
		}
		p.Byline = &name
	}
	if p.Commands == nil && !typed.HasCommands() {
		*s = Stated{}
		return p, nil
	}
	stated, err := typed.Read(was.Setup, was.Blog.Location())
	if err != nil {
		return p, err
	}
	if *s = stated; p.Body != nil {
		p.Body = &s.Body
	}
	p.Acts = &s.Acts
	yes := true
	for _, mark := range []struct {
		told  bool
		field **bool
	}{{s.Told.Key, &p.KeyEvent}, {s.Told.Pin, &p.Pinned}, {s.Told.Summary, &p.Summary}} {
		if mark.told {
			*mark.field = &yes
		}
	}
	if s.Told.As != nil {
		p.Byline = s.Told.As
	}
	if s.Told.At != nil {
		p.HappenedAt = s.Told.At
	}
	return p, nil
}

// typed returns the input that changes nothing in an entry. The names that it has already may stay in its byline, also
// if these people have left.
func (b Before) typed(e Entry) Typed {
	members := slices.Clip(b.Members)
	for _, name := range []string{e.Author, e.WrittenBy} {
		if members != nil && name != "" && !slices.Contains(members, name) {
			members = append(members, name)
		}
	}
	return Typed{Headline: e.Headline, Body: e.Body, Was: e, Members: members, Now: b.Now}
}
