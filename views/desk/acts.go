package desk

import (
	"strings"
	"time"

	"readout/liveblog"
	"readout/views/diff"
	"readout/views/markdown"
)

// PickList is what a command may name at one of its places.
type PickList struct {
	Key   string `json:"key"`  // as the script finds it: "tracks"
	Name  string `json:"name"` // as it is headed: "Tracks"
	Items []Pick `json:"items"`
}

// Pick is one thing that a command may name.
type Pick struct {
	Value string `json:"value"`          // what the command takes
	Name  string `json:"name,omitempty"` // what it is called; empty where that is the value
	Note  string `json:"note,omitempty"` // how it stands: "in talks"
}

// ActsPreview says what the acts of an entry that is being written would do.
type ActsPreview struct {
	Stated   bool     // there are acts, or there were
	Problems []string // whole sentences
	Effects  []Effect
	Approval bool // they need a second editor
}

// entryCommands are the acts of an entry as commands.
func entryCommands(b liveblog.Blog, e liveblog.Entry) string { return e.Acts.Commands(b.Location()) }

// shortCommands are the first of an entry's commands, for a list of entries.
func shortCommands(b liveblog.Blog, e liveblog.Entry) string {
	const most = 6 // lines
	all := strings.Split(entryCommands(b, e), "\n")
	if len(all) > most {
		all = append(all[:most-1:most-1], "…")
	}
	for i, line := range all {
		all[i] = markdown.Clip(line, 200)
	}
	return strings.Join(all, "\n")
}

// waits reports whether a draft needs somebody else than its last editor to publish it.
func waits(setup liveblog.Setup, e liveblog.Entry) bool {
	return e.Status == liveblog.Draft && setup.NeedsSecondEditor(e.Acts)
}

// compareActs tells how acts changed, as commands.
func compareActs(old, new liveblog.Acts, loc *time.Location, within time.Duration) []diff.Passage {
	return diff.Shorten(diff.Lines(ended(old.Commands(loc)), ended(new.Commands(loc)), within))
}

// ended ends the last line as the others are, so that it compares with them.
func ended(commands string) string {
	if commands == "" {
		return ""
	}
	return commands + "\n"
}
