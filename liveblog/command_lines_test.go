package liveblog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"readout/liveblog"
)

func TestLiftCommands(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text, rest string
		lifted     []string // line and text
	}{
		"none":  {"They met.\r\n\r\n/ a slash\n/etc/on", "They met.\r\n\r\n/ a slash\n/etc/on", nil},
		"alone": {"/move rare earths → in talks", "", []string{"1 /move rare earths → in talks"}},
		"between paragraphs": {"One.\r\n\r\n/move a → raised  \r\n\r\nTwo.", "One.\n\nTwo.",
			[]string{"3 /move a → raised"}},
		"at the beginning": {"/Cite x\n\nOne.", "One.", []string{"1 /Cite x"}},
		"under a line":     {"One.\n/cite x\nTwo.", "One.\nTwo.", []string{"2 /cite x"}},
		"two":              {"/cite x\n/cite y\nOne.", "One.", []string{"1 /cite x", "2 /cite y"}},
		"with lines": {"/readout leaders by China\n- One.\n- Two.\n\nAfter.", "After.",
			[]string{"1 /readout leaders by China\n- One.\n- Two."}},
		"lines, no gap": {"/text a 1\nWe agree.\n/cite x", "", []string{"1 /text a 1\nWe agree.", "3 /cite x"}},
		"escaped":       {`\/move a → raised`, `\/move a → raised`, nil},
		"indented":      {" \t/move a → raised", "", []string{"1 /move a → raised"}},
		"other spaces": {"One.\n\ufeff\u00a0\u3000/move　a → raised\nTwo.", "One.\nTwo.",
			[]string{"2 /move　a → raised"}},
		"full width": {"／ＭＯＶＥ a → raised", "", []string{"1 ／ＭＯＶＥ a → raised"}},
		"a command ends the lines of another": {"/readout leaders by China\n- One.\n ／cite x", "",
			[]string{"1 /readout leaders by China\n- One.", "3 ／cite x"}},
		"code": {"```\n/cite x\n```\n/cite y", "```\n/cite x\n```", []string{"4 /cite y"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest, lifted := liveblog.LiftCommands(row.text)
			if rest != row.rest {
				t.Errorf("the remaining text is %q, want %q", rest, row.rest)
			}
			if got := spelt(lifted); !slices.Equal(got, row.lifted) {
				t.Errorf("the commands are %q, want %q", got, row.lifted)
			}
		})
	}
}

func spelt(list []liveblog.TypedCommand) (all []string) {
	for _, c := range list {
		all = append(all, fmt.Sprint(c.Line, " ", c.Text))
	}
	return all
}

// TestFindCommandsMatchesParse: the index in the error of ParseCommands identifies the same command in FindCommands.
func TestFindCommandsMatchesParse(t *testing.T) {
	t.Parallel()
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "chips", Name: "Chips"}},
		Meetings: []liveblog.Meeting{{ID: "leaders", Name: "Leaders"}},
		Parties:  []liveblog.Party{{ID: "china", Name: "China"}}}
	text := "\n  \r\n/cite x\r\n\n/readout leaders by china\n- One.\n - Two.\n\n/text a 1\n\\/no command\n/MOVE " +
		"chips → raised"
	acts, err := liveblog.ParseCommands(setup, nil, text)
	if err != nil {
		t.Fatal(err)
	}
	found := liveblog.FindCommands(text)
	list := acts.List()
	if len(found) != 4 || len(list) != len(found) {
		t.Fatalf("found %q, parsed %v", spelt(found), list)
	}
	for i, c := range found {
		if !strings.HasPrefix(strings.ToLower(c.Text), "/"+string(list[i].Kind)) {
			t.Errorf("command %d is %q, but the act is a %s", i, c.Text, list[i].Kind)
		}
	}
	if found[1].Line != 5 || found[3].Line != 11 || !strings.HasSuffix(strings.TrimSpace(found[1].Text), "- Two.") {
		t.Errorf("found %q", spelt(found))
	}
}
