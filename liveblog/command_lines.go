package liveblog

import "strings"

// TypedCommand is a command where it was typed.
type TypedCommand struct {
	Line int    // of the text that it stands in, from 1
	Text string // its line, and the lines that belong to it
}

// commandKind reads the kind at the beginning of a command's line.
func commandKind(line string) (rule actRule, rest string, ok bool) {
	after, ok := strings.CutPrefix(line, "/")
	if !ok {
		return rule, "", false
	}
	kind, rest, _ := strings.Cut(strings.TrimSpace(after), " ")
	rule, ok = ruleOf(ActKind(strings.ToLower(kind)))
	return rule, rest, ok
}

// takesLines reports whether lines that follow the command belong to it.
func (r actRule) takesLines() bool { return r.kind == ActReadout || r.kind == ActText }

// FindCommands returns the commands of a text as [ParseCommands] counts them: its error about "acts[1]" is about the
// second of them.
func FindCommands(text string) (found []TypedCommand) {
	for i, line := range lines(text) {
		if i == 0 {
			line = strings.TrimSpace(line)
		}
		if _, _, ok := commandKind(line); ok {
			found = append(found, TypedCommand{i + 1, strings.TrimSpace(line)})
		} else if len(found) > 0 && !strings.HasPrefix(line, "/") {
			found[len(found)-1].Text += "\n" + line
		}
	}
	return found
}

// LiftCommands takes the commands out of an entry's text: each line that begins with one and, where its kind takes
// further lines, those below it up to the first empty one. What begins with a slash and is no command stays, and so do
// "\/" and what stands between code fences.
func LiftCommands(text string) (rest string, lifted []TypedCommand) {
	var kept []string
	all := lines(text)
	fenced := false
	for i := 0; i < len(all); i++ {
		fence := strings.HasPrefix(all[i], "```") || strings.HasPrefix(all[i], "~~~")
		fenced = fenced != fence
		rule, _, ok := commandKind(all[i])
		if !ok || fenced {
			kept = append(kept, all[i])
			continue
		}
		c := TypedCommand{i + 1, strings.TrimSpace(all[i])}
		for rule.takesLines() && i+1 < len(all) && !blank(all[i+1]) && !strings.HasPrefix(all[i+1], "/") {
			i++
			c.Text += "\n" + all[i]
		}
		lifted = append(lifted, c)
		// The gap that it leaves is one empty line, not two.
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
