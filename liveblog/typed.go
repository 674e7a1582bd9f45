package liveblog

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Typed is what somebody has typed for an entry: its text, and the acts as commands or as a program sends them.
// Commands may stand in the text as well, each at the beginning of a line: see [LiftCommands].
type Typed struct {
	Body     string
	Commands *string // the acts as commands, one below the other; nil where none were asked for
	Acts     *Acts   // the acts in place of commands; nil for those that the entry has
}

// HasCommands reports whether there is a command in it.
func (t Typed) HasCommands() bool {
	if t.Commands != nil && !blank(*t.Commands) {
		return true
	}
	_, lifted := LiftCommands(t.Body)
	return len(lifted) > 0
}

// Stated is what was typed, read.
type Stated struct {
	Body string // without the commands that stood in it
	Acts Acts
	from []origin // of each act
}

// origin is where an act was typed: in which field and on which line. Of one that was not typed it is the zero value.
type origin struct {
	field string
	TypedCommand
}

// Read reads the commands for an entry that has the acts prev: those of the field, then those of the text. Where the
// field still holds the commands of prev, these acts stay as they are, whatever a command cannot tell of them; and a
// command of the text that says one of them again adds nothing. Times without a zone are of loc.
//
// It fails with [Invalid], naming the field "acts" or "body" and the line of each command at fault.
func (t Typed) Read(setup Setup, loc *time.Location, prev Acts) (s Stated, err error) {
	var problems invalid
	var all []Act
	var lifted []TypedCommand
	s.Body, lifted = LiftCommands(t.Body)
	read := func(text string, from []origin) {
		acts, err := ParseCommands(setup, loc, text)
		if e, ok := errors.AsType[*Error](locate(err, from, false)); ok {
			problems.add(e)
		}
		all = append(all, acts.List()...)
		s.from = append(s.from, from...)
	}
	spelt := prev.Commands(loc)
	switch {
	case t.Commands != nil && strings.TrimSpace(strings.ReplaceAll(*t.Commands, "\r\n", "\n")) != spelt:
		read(*t.Commands, origins("acts", FindCommands(*t.Commands)))
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
		read(joined(lifted), origins("body", lifted))
		all, s.from = withoutRepeats(all, s.from, len(had))
	}
	if problems.count() > 0 {
		return s, problems.commands()
	}
	s.Acts = NewActs(all)
	if tidied, err := CheckDraft(setup, s.Acts); err == nil { // the store says what is wrong
		s.Acts = tidied
	}
	return s, nil
}

func joined(commands []TypedCommand) string {
	lines := make([]string, len(commands))
	for i, c := range commands {
		lines[i] = c.Text
	}
	return strings.Join(lines, "\n")
}

// withoutRepeats drops acts that are among the first n and come again.
func withoutRepeats(all []Act, from []origin, n int) ([]Act, []origin) {
	if len(from) != len(all) {
		return all, from // some were not read, so the entry is refused anyway
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

// commands returns the problems as an error that speaks of commands.
func (v *invalid) commands() error {
	message := fmt.Sprintf("%d commands need a change.", v.count())
	if v.count() == 1 {
		message = v.fields[0].Message
	}
	return &Error{Code: Invalid, Message: message, Fields: v.fields, Omitted: v.omitted}
}

// add takes over the fields of another error.
func (v *invalid) add(e *Error) {
	for _, f := range e.Fields {
		v.addf(f.Field, "%s", f.Message)
	}
	v.omitted += e.Omitted
}

// Locate turns what an error says of acts that were typed into what it says of commands: the field and the line of each,
// and the command itself. What it says of other acts and fields stays as it is.
func (s Stated) Locate(err error) error { return locate(err, s.from, true) }

var actPath = regexp.MustCompile(`^acts\[(\d+)\]`)

// locate is as [Stated.Locate]; quote adds the command, where the message cannot name what was typed.
func locate(err error, from []origin, quote bool) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	located := *e
	located.Fields = slices.Clone(e.Fields)
	for i, f := range e.Fields {
		m := actPath.FindStringSubmatch(f.Field)
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || n >= len(from) || from[n].field == "" {
			continue
		}
		at := "Line " + strconv.Itoa(from[n].Line)
		if quote {
			first, _, _ := strings.Cut(from[n].Text, "\n")
			at += ", “" + clip(first, 80) + "”"
		}
		located.Fields[i] = FieldError{Field: from[n].field, Message: at + ": " + f.Message}
	}
	if len(located.Fields) == 1 {
		located.Message = located.Fields[0].Message
	}
	return &located
}

// read returns the patch with its commands read, and keeps in s what they came to. A body that is not given is not
// looked at: what it says has been read when it was typed.
func (p EntryPatch) read(was Before, s *Stated) (EntryPatch, error) {
	typed := Typed{Commands: p.Commands, Acts: p.Acts}
	if p.Body != nil {
		typed.Body = *p.Body
	}
	if p.Commands == nil && !typed.HasCommands() {
		*s = Stated{}
		return p, nil
	}
	stated, err := typed.Read(was.Setup, was.Blog.Location(), was.Entry.Acts)
	if err != nil {
		return p, err
	}
	if *s = stated; p.Body != nil {
		p.Body = &s.Body
	}
	p.Acts = &s.Acts
	return p, nil
}
