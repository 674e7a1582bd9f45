package liveblog

import "strings"

// TypedCommand is a command and its position in the text in which it was typed.
type TypedCommand struct {
	Line int    // the number of its first line, from 1
	Text string // the first line and the further lines
}

// commandKind parses the kind at the beginning of a command's first line.
func commandKind(line string) (rule actRule, rest string, ok bool) {
	name, rest, ok := cutName(line)
	if !ok {
		return rule, "", false
	}
	rule, ok = ruleOf(ActKind(name))
	return rule, rest, ok
}

// takesLines reports whether the kind's command takes further lines.
func (r actRule) takesLines() bool { return r.kind == ActReadout || r.kind == ActText }

// FindCommands returns the commands in a text. They have the same order as the acts of [ParseCommands], so an error
// about "acts[1]" is about the second one.
func FindCommands(text string) (found []TypedCommand) {
	for i, line := range lines(text) {
		if _, _, ok := commandKind(line); ok {
			found = append(found, TypedCommand{i + 1, trimCommand(line)})
		} else if len(found) > 0 && !startsCommand(line) {
			found[len(found)-1].Text += "\n" + line
		}
	}
	return found
}

// LiftCommands removes the commands from an entry's text and returns both. A command is a line that begins with a slash
// and a known name, in any of the ways that people type them, and, if the kind takes further lines, the lines below it
// up to the first empty one. Other lines that begin with a slash stay (see [NearCommands]), and so do lines that begin
// with "\/" and lines in code fences. A command that is indented is a command, although Markdown takes four spaces for
// code: those are slips more often.
func LiftCommands(text string) (rest string, lifted []TypedCommand) {
	var kept []string
	all := lines(text)
	var code CodeFences
	for i := 0; i < len(all); i++ {
		rule, _, ok := commandKind(all[i])
		_, _, own := entryCommand(all[i])
		if !ok && !own || code.Holds(all[i]) {
			code.Next(all[i]) // commands are no part of the text
			kept = append(kept, all[i])
			continue
		}
		c := TypedCommand{i + 1, trimCommand(all[i])}
		for rule.takesLines() && i+1 < len(all) && !blank(all[i+1]) && !startsCommand(all[i+1]) {
			i++
			c.Text += "\n" + all[i]
		}
		lifted = append(lifted, c)
		// Leave one empty line where the command was, not two.
		if (len(kept) == 0 || blank(kept[len(kept)-1])) && i+1 < len(all) && blank(all[i+1]) {
			i++
		}
	}
	if len(lifted) == 0 {
		return text, nil
	}
	return strings.Join(kept, "\n"), lifted
}

func lines(text string) []string { return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") }
