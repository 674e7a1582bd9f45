package desk

import "github.com/a-h/templ"

// countedState is fieldState for a field of the composer with a limit that is counted.
func countedState(p Problem, field string) templ.Attributes {
	a := fieldState(p, "entry-", field, true)
	a["aria-describedby"] = "entry-" + field + "-count " + a["aria-describedby"].(string)
	return a
}

// shortcut is a way to do something by keyboard.
type shortcut struct {
	keys []string // pressed together
	does string
}

// shortcutsOf lists the shortcuts of the composer.
func shortcutsOf(f EntryForm) []shortcut {
	list := []shortcut{{[]string{"Ctrl", "S"}, "Keep what you have typed as a working copy, which only you see"}}
	switch {
	case f.Publish && f.Draft:
		list = append(list, shortcut{[]string{"Ctrl", "Enter"}, "Publish"})
	case f.Publish:
		list = append(list, shortcut{[]string{"Ctrl", "Enter"}, "Save the changes"})
	}
	return append(list,
		shortcut{[]string{"Ctrl", "Shift", "K"}, "Mark as a key event, or not"},
		shortcut{[]string{"Enter"}, "In the headline: go on to the text"},
		shortcut{[]string{"Ctrl", "B"}, "In the text: bold"},
		shortcut{[]string{"Ctrl", "I"}, "In the text: italic"},
		shortcut{[]string{"Ctrl", "K"}, "In the text: link"},
		shortcut{[]string{"/"}, "At the beginning of a line: a command, with a list of what can follow"},
		shortcut{[]string{"Esc"}, "Close a list"},
		shortcut{[]string{"Alt", "N"}, "On the desk’s first page: new entry"},
		shortcut{[]string{"?"}, "Outside of the fields: this list; in them, Ctrl and /"},
	)
}
