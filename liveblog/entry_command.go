package liveblog

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Besides its acts, commands set an entry's marks, its byline and the time of what it tells. They are typed as the
// commands of acts are, and stand in the same places.

// The commands of an entry itself.
const (
	commandKey     = "key"     // marks a key event
	commandPin     = "pin"     // pins the entry
	commandSummary = "summary" // marks a summary
	commandAs      = "as"      // names another member in the byline
	commandAt      = "at"      // says when it happened
)

func entryCommands() []string { return append(markCommands(), commandAs, commandAt) }

// markCommands are the commands that take nothing after them.
func markCommands() []string { return []string{commandKey, commandPin, commandSummary} }

// EntryUsages returns an example of each command of an entry itself, for help texts.
func EntryUsages() []string {
	return []string{"/key", "/pin", "/summary", "/as Ana Souza", "/at 14:05, or /at 2025-10-30 14:05"}
}

// commandNames returns the names of all commands.
func commandNames() []string {
	var all []string
	for _, kind := range actKinds() {
		all = append(all, string(kind))
	}
	return append(all, entryCommands()...)
}

// entryCommand parses a line that is a command of the entry itself.
func entryCommand(line string) (name, rest string, ok bool) {
	name, rest, ok = cutName(line)
	return name, rest, ok && slices.Contains(entryCommands(), name)
}

// Told is what the commands of an entry itself say. A pointer is nil if there is no such command.
type Told struct {
	Key, Pin, Summary bool
	As                *string    // the name of a member
	At                *time.Time // never later than a minute from now
}

// cutEntryCommands takes the commands of the entry itself out of the field for commands. In rest their lines stay,
// empty, so that the others keep their numbers; acts has only the others.
func cutEntryCommands(field string) (rest, acts string, own []TypedCommand) {
	all := lines(field)
	var others []string
	for i, line := range all {
		if _, _, ok := entryCommand(line); ok {
			own = append(own, TypedCommand{i + 1, trimCommand(line)})
			all[i] = ""
		} else {
			others = append(others, line)
		}
	}
	return strings.Join(all, "\n"), strings.TrimSpace(strings.Join(others, "\n")), own
}

// splitLifted separates the commands of the entry itself from those of its acts.
func splitLifted(lifted []TypedCommand) (acts, own []TypedCommand) {
	for _, c := range lifted {
		if _, _, ok := entryCommand(c.Text); ok {
			own = append(own, c)
		} else {
			acts = append(acts, c)
		}
	}
	return acts, own
}

// read adds what commands in a field say. What is wrong with them gets the name of the field. Members are those whose
// names a byline may have, nil for anybody.
func (t *Told) read(
	v *FieldErrors, field string, own []TypedCommand, members []string, now time.Time, loc *time.Location,
) {
	for _, c := range own {
		fail := func(format string, args ...any) {
			v.Addf(field, "Line %d: %s", c.Line, fmt.Sprintf(format, args...))
		}
		name, rest, _ := entryCommand(c.Text)
		rest = strings.TrimFunc(rest, isMargin)
		switch name {
		case commandKey, commandPin, commandSummary:
			if rest != "" {
				fail("The command /%s takes nothing after it.", name)
			}
			t.Key = t.Key || name == commandKey
			t.Pin = t.Pin || name == commandPin
			t.Summary = t.Summary || name == commandSummary
		case commandAs:
			as, err := memberCalled(members, rest)
			if err != nil {
				fail("%s", err.Message)
			}
			if t.As != nil && *t.As != as {
				fail("The entry can have one byline.")
			}
			t.As = &as
		case commandAt:
			at, err := clockTime(rest, now, loc)
			if err != nil {
				fail("%s", err.Message)
			}
			if t.At != nil && !t.At.Equal(at) {
				fail("The entry can have one time at which it happened.")
			}
			t.At = &at
		}
	}
}

// memberCalled returns the name of the member whose name, or an unambiguous beginning of it, was typed.
func memberCalled(members []string, typed string) (string, *Error) {
	want := looseName(typed)
	if want == "" {
		return "", Errorf(Invalid, "The byline needs a member's name.")
	}
	if members == nil {
		return typed, nil
	}
	if slices.Contains(members, typed) {
		return typed, nil
	}
	var same, begin []string
	for _, name := range members {
		switch loose := looseName(name); {
		case slices.Contains(same, name) || slices.Contains(begin, name):
		case loose == want:
			same = append(same, name)
		case strings.HasPrefix(loose, want):
			begin = append(begin, name)
		}
	}
	for _, found := range [][]string{same, begin} {
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], nil
		}
		return "", Errorf(Invalid, "“%s” may be %s.", clip(typed, 60), clip(enumerated(found), 300))
	}
	return "", Errorf(Invalid, "No member of this blog is called “%s”.", clip(typed, 60))
}

// Commands returns what commands have set in an entry, its acts included, as commands, one below the other. The marks
// are not among them, since the form has fields for these.
func (e Entry) Commands(loc *time.Location) string {
	var all []string
	for _, f := range mergedFields() {
		if f.command == nil {
			continue
		}
		if line := f.command(e, loc); line != "" {
			all = append(all, line)
		}
	}
	if acts := e.Acts.Commands(loc); acts != "" {
		all = append(all, acts)
	}
	return strings.Join(all, "\n")
}

// happenedCommand returns the command that says when it happened, or "".
func happenedCommand(e Entry, loc *time.Location) string {
	if e.HappenedAt.IsZero() {
		return ""
	}
	return "/" + commandAt + " " + FormatTime(e.HappenedAt, loc)
}

// bylineCommand returns the command that names another member in the byline, or "".
func bylineCommand(e Entry, _ *time.Location) string {
	if e.WrittenBy == "" {
		return ""
	}
	return "/" + commandAs + " " + e.Author
}

// signed returns the entry with a member's name in the byline, or with the name of who wrote it for "".
func (e Entry) signed(name string) Entry {
	own := e.Author
	if e.WrittenBy != "" {
		own = e.WrittenBy
	}
	e.Author, e.WrittenBy = own, ""
	if name != "" && name != own {
		e.Author, e.WrittenBy = name, own
	}
	return e
}
