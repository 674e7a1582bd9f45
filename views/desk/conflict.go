package desk

import (
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views/diff"
)

// ChoicePrefix begins the names of the form's fields that have a [liveblog.Choice]; the passage's ID follows.
const ChoicePrefix = "choice-"

// Conflict is the reason why an entry could not be saved: others have changed the same since the editor opened it.
type Conflict struct {
	Blog     liveblog.Blog
	Theirs   liveblog.Entry     // what the others have saved
	Changes  []diff.FieldChange // from that to what the form has
	Passages []PassageView      // what both have changed; may be empty
	Asked    bool               // the form was sent before all questions about Passages were answered
}

// PassageView is a passage that both have changed, and what the editor has chosen.
type PassageView struct {
	liveblog.Passage
	Choice liveblog.Choice
	Title  string // such as "Text, passage 1"
	// ToTheirs and ToMine compare its origin with the two versions.
	ToTheirs, ToMine []diff.Passage
}

// Passages returns what the form shows of passages in conflict.
func Passages(list []liveblog.Passage, choices map[string]liveblog.Choice) (views []PassageView) {
	const within = 100 * time.Millisecond
	texts := 0
	for _, p := range list {
		v := PassageView{Passage: p, Choice: choices[p.ID]}
		switch p.Field {
		case "body":
			texts++
			v.Title = "Text, passage " + strconv.Itoa(texts)
		case "acts":
			v.Title = "Acts"
		default:
			v.Title = strings.ToUpper(p.Field[:1]) + strings.ReplaceAll(p.Field[1:], "_", " ")
		}
		v.ToTheirs = diff.Words(v.before(), strings.Trim(p.Theirs, "\n"), within)
		v.ToMine = diff.Words(v.before(), strings.Trim(p.Mine, "\n"), within)
		views = append(views, v)
	}
	return views
}

func (p PassageView) before() string { return strings.Trim(p.Origin, "\n") }

// choiceOption is one of the answers to what becomes of a passage.
type choiceOption struct {
	value liveblog.Choice
	label string
	text  string // what the passage becomes
}

func (p PassageView) options(by string) []choiceOption {
	list := []choiceOption{
		{p.ChooseTheirs(), by + "’s version", p.Theirs},
		{liveblog.ChooseMine, "Mine, as it is in the form", p.Mine},
	}
	if p.Both && strings.TrimSpace(p.Theirs) != "" && strings.TrimSpace(p.Mine) != "" {
		list = append(list, choiceOption{p.ChooseBoth(), "Both, " + by + "’s first", p.Joined()})
	}
	return list
}

// units returns where a passage begins and ends in a form's field, in UTF-16 code units, as scripts count.
func (p PassageView) units(f EntryForm) (start, end int) {
	text := map[string]string{"headline": f.Headline, "body": liveblog.BodyGap + f.Body, "acts": f.Acts}[p.Field]
	return units(text[:min(p.Start, len(text))]), units(text[:min(p.End, len(text))])
}

func units(text string) (n int) {
	for _, r := range text {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
