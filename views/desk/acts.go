package desk

import (
	"slices"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views/diff"
	"readout/views/markdown"
)

// PickList is the list of suggestions for one argument of a slash command.
type PickList struct {
	Key   string `json:"key"`  // for the script, e.g. "tracks"
	Name  string `json:"name"` // the heading, e.g. "Tracks"
	Items []Pick `json:"items"`
}

// Pick is a suggestion for an argument of a slash command.
type Pick struct {
	Value string `json:"value"`          // the text of the argument
	Name  string `json:"name,omitempty"` // its name; empty if that is the same as the value
	Note  string `json:"note,omitempty"` // its present state, e.g. "in talks"
	// State is the present state of what has one, and Next are those that may follow it.
	State string   `json:"state,omitempty"`
	Next  []string `json:"next,omitempty"`
}

// entryCommands formats the acts of an entry as slash commands.
func entryCommands(b liveblog.Blog, e liveblog.Entry) string { return e.Commands(b.Location()) }

// commandNames returns the names of all commands, with a space between them.
func commandNames() string {
	var names []string
	for _, usage := range slices.Concat(liveblog.Usages(), liveblog.EntryUsages()) {
		names = append(names, strings.TrimPrefix(strings.Fields(usage)[0], "/"))
	}
	return strings.Join(names, " ")
}

// shortCommands formats the first acts of an entry, for the list of entries.
func shortCommands(b liveblog.Blog, e liveblog.Entry) string {
	const maxLines = 6
	all := strings.Split(entryCommands(b, e), "\n")
	if len(all) > maxLines {
		all = append(all[:maxLines-1:maxLines-1], "…")
	}
	for i, line := range all {
		all[i] = markdown.Clip(line, 200)
	}
	return strings.Join(all, "\n")
}

// needsSecondEditor reports whether a draft has to be published by somebody other than its last editor.
func needsSecondEditor(setup liveblog.Setup, e liveblog.Entry) bool {
	return e.Status == liveblog.Draft && setup.NeedsSecondEditor(e.Acts)
}

// withHeld returns the setup with the states that still need a second editor in an entry, although they have left the
// list.
func withHeld(setup liveblog.Setup, a liveblog.Approvals, e liveblog.Entry) liveblog.Setup {
	setup.Approval = slices.Concat(setup.Approval, a.Held[e.Number])
	return setup
}

// alone returns who published a revision without a second editor, if anybody did.
func (p HistoryPage) alone(revision int) []liveblog.PublishedAlone {
	return slices.DeleteFunc(slices.Clone(p.Approvals.Alone[p.Entry.Number]), func(a liveblog.PublishedAlone) bool {
		return a.Revision != revision
	})
}

// compareActs returns how acts have changed, as slash commands.
func compareActs(old, new liveblog.Acts, loc *time.Location, within time.Duration) []diff.Passage {
	return diff.Shorten(diff.Lines(withNewline(old.Commands(loc)), withNewline(new.Commands(loc)), within))
}

// withNewline ends the last line with a newline too, so that it equals the same line elsewhere.
func withNewline(commands string) string {
	if commands == "" {
		return ""
	}
	return commands + "\n"
}
