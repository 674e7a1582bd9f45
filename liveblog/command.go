package liveblog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Editors type acts as slash commands, one per line: "/move rare earths → in talks". They may name an item of the
// setup by its id, its name, or an unambiguous beginning of either. The text follows after a colon, and options after
// bars, for example "| source https://…". Further lines, up to the next command, belong to the command: they are the
// points of a readout or a version of a document. "\|" is a literal bar, and "\/" a literal slash at the beginning of a
// line.

// ParseCommands parses commands. Times without a zone are in loc. It fails with [Invalid], naming the field "acts" with
// the line at fault in the message, or a field such as "acts[1].track".
func ParseCommands(setup Setup, loc *time.Location, text string) (Acts, error) {
	var v FieldErrors
	var list []Act
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); {
		line := lines[i]
		first := i
		for i++; i < len(lines) && !startsCommand(lines[i]); i++ {
		}
		if !startsCommand(line) {
			if strings.TrimFunc(strings.Join(lines[first:i], ""), isMargin) != "" {
				v.Addf("acts", "Line %d is no command; commands begin with a slash, such as /move.", first+1)
			}
			continue
		}
		rule, rest, ok := commandKind(line)
		if !ok {
			after, _ := cutSlash(line)
			kind, _ := cutWord(after)
			v.Addf("acts", "Line %d: there is no command “/%s”.%s", first+1, clip(kind, 30), suggestion(kind))
			continue
		}
		if len(list) == MaxActs {
			v.Addf("acts", "The entry has more than %d acts, which is the limit.", MaxActs)
			break
		}
		p := newCommand(&v, rule, setup, loc, fmt.Sprintf("acts[%d]", len(list)), rest, lines[first+1:i])
		a := rule.command(p)
		p.finish(rule)
		list = append(list, a)
	}
	if err := v.err(); err != nil {
		return "", err
	}
	return NewActs(list), nil
}

// Commands returns the acts as commands, which [ParseCommands] parses back, one below the other.
func (a Acts) Commands(loc *time.Location) string {
	var b strings.Builder
	for _, act := range a.List() {
		rule, ok := ruleOf(act.Kind)
		if !ok {
			continue
		}
		w := &spelling{b: &b, loc: loc}
		b.WriteString("/" + string(act.Kind))
		rule.spell(act, w)
		b.WriteString("\n" + w.lines)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Usages returns an example of each command, for help texts.
func Usages() (all []string) {
	for _, r := range rules() {
		all = append(all, r.usage)
	}
	return all
}

// command is one command while it is parsed.
type command struct {
	*FieldErrors
	setup     Setup
	loc       *time.Location
	at        string // "acts[2]"
	head      string // between the kind and the colon or first bar
	text      string // after the colon
	options   map[string]string
	order     []string // the names of the options as they were typed
	lines     []string // the further lines
	usedLines bool     // the kind takes further lines
}

func newCommand(
	v *FieldErrors, rule actRule, setup Setup, loc *time.Location, at, rest string, lines []string,
) *command {
	p := &command{FieldErrors: v, setup: setup, loc: loc, at: at, options: map[string]string{}, lines: lines}
	rest, options, more := cutBar(rest)
	if rule.takes("text") {
		var text string
		rest, text, _ = cutAt(rest, colonForms)
		p.text = unescapeBars(text)
	}
	p.head = strings.Join(strings.Fields(unescapeBars(rest)), " ")
	for more {
		var option string
		option, options, more = cutBar(options)
		name, value := cutWord(option)
		name = looseName(name)
		if _, twice := p.options[name]; twice {
			p.Addf(p.at, "The option “%s” comes twice.", clip(name, 30))
		}
		p.options[name] = unescapeBars(value)
		p.order = append(p.order, name)
	}
	return p
}

func (p *command) fieldf(field, format string, args ...any) {
	p.Addf(p.at+"."+field, format, args...)
}

// finish reports options and further lines that the command's kind does not take.
func (p *command) finish(rule actRule) {
	for _, name := range p.order {
		if _, left := p.options[name]; left {
			p.Addf(p.at, "The command /%s has no option “%s”.", rule.kind, clip(name, 30))
		}
	}
	if !p.usedLines && strings.TrimFunc(strings.Join(p.lines, ""), isMargin) != "" {
		p.Addf(p.at, "The command /%s takes no further lines.", rule.kind)
	}
}

// pair splits the head at the first of the separators that it contains, in any of the separator's forms.
func (p *command) pair(separators ...[]string) (left, right string) {
	for _, forms := range separators {
		if l, r, ok := cutAt(p.head, forms); ok {
			return strings.TrimSpace(l), strings.TrimSpace(r)
		}
	}
	p.Addf(p.at, "The command needs a “%s” between its two parts.", strings.TrimSpace(separators[0][0]))
	return p.head, ""
}

func (p *command) lastWord() (rest, last string) {
	i := strings.LastIndexByte(p.head, ' ')
	if i < 0 {
		return p.head, ""
	}
	return strings.TrimSpace(p.head[:i]), p.head[i+1:]
}

// cutStatus splits one of the statuses, which may be typed with spaces, from the end of the head.
func (p *command) cutStatus(words []string) (rest, word string) {
	typed := strings.Fields(p.head)
	for _, w := range words {
		for n := 1; n < len(typed); n++ {
			if at := len(typed) - n; looseName(strings.Join(typed[at:], " ")) == looseName(w) {
				return strings.Join(typed[:at], " "), w
			}
		}
	}
	p.fieldf("status", "The command ends with one of %s.", listed(words))
	return p.head, ""
}

// word returns the element of words that was typed.
func (p *command) word(field, typed string, words []string) string {
	if w := choice(typed, words); slices.Contains(words, w) {
		return w
	}
	p.fieldf(field, "“%s” is none of %s.", clip(typed, 60), listed(words))
	return ""
}

// id turns a typed name into an id.
func (p *command) id(typed string) string { return strings.ReplaceAll(looseName(typed), " ", "-") }

func (p *command) option(name string) string {
	v := p.options[name]
	delete(p.options, name)
	return v
}

func (p *command) time(name string) *time.Time {
	text := p.option(name)
	if text == "" {
		return nil
	}
	if t, err := ParseTime(norm.NFKC.String(text), p.loc); err == nil {
		return p.moment(p.at+"."+name, &t)
	}
	p.fieldf(name, "“%s” is not a time; write it as 2025-10-30 11:00.", clip(text, 60))
	return nil
}

// block returns the further lines as one text.
func (p *command) block() string {
	p.usedLines = true
	lines := make([]string, len(p.lines))
	for i, l := range p.lines {
		lines[i] = unescapeSlash(l)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// list returns the further lines as the items of a list; see [listItems].
func (p *command) list() []string {
	p.usedLines = true
	lines := make([]string, len(p.lines))
	for i, l := range p.lines {
		lines[i] = unescapeSlash(l)
	}
	return listItems(lines)
}

func (p *command) track(typed string) string {
	return named(p, "track", typed, p.setup.Tracks, func(t Track) (string, string) { return t.ID, t.Name })
}

func (p *command) party(typed string) string {
	return named(p, "party", typed, p.setup.Parties, func(t Party) (string, string) { return t.ID, t.Name })
}

func (p *command) speaker(typed string) string {
	if typed == "" {
		return ""
	}
	return named(p, "speaker", typed, p.setup.Speakers, func(t Speaker) (string, string) { return t.ID, t.Name })
}

func (p *command) meeting(typed string) string {
	return named(p, "meeting", typed, p.setup.Meetings, func(t Meeting) (string, string) { return t.ID, t.Name })
}

func (p *command) session(typed string) string {
	return named(p, "session", typed, p.setup.Sessions, func(t AgendaItem) (string, string) { return t.ID, t.Name })
}

// named returns the id of the item whose id or name was typed, or an unambiguous beginning of either.
func named[T any](p *command, field, typed string, items []T, names func(T) (id, name string)) string {
	want := looseName(typed)
	var byID, byName, byPrefix []string
	for _, item := range items {
		id, name := names(item)
		if looseName(id) == want {
			byID = append(byID, id)
		}
		if looseName(name) == want {
			byName = append(byName, id)
		}
		if want != "" && (strings.HasPrefix(looseName(id), want) || strings.HasPrefix(looseName(name), want)) {
			byPrefix = append(byPrefix, id)
		}
	}
	for _, matches := range [][]string{byID, byName, byPrefix} {
		if len(matches) == 1 {
			return matches[0]
		}
	}
	var all []string
	for _, item := range items {
		id, _ := names(item)
		all = append(all, id)
	}
	switch {
	case want == "":
		p.fieldf(field, "The command needs a %s.", field)
	case len(byPrefix) > 1:
		p.fieldf(field, "“%s” may be %s.", clip(typed, 60), listed(byPrefix))
	case len(all) == 0:
		p.fieldf(field, "There is no %s “%s”: this blog's setup has none.", field, clip(typed, 60))
	default:
		p.fieldf(field, "There is no %s “%s”; this blog has %s.", field, clip(typed, 60), clip(listed(all), 300))
	}
	return ""
}

// spelling writes one command.
type spelling struct {
	b     *strings.Builder
	loc   *time.Location
	lines string // the further lines
}

func (w *spelling) head(words ...string) {
	w.b.WriteString(" " + escapeBars(strings.Join(words, " ")))
}

func (w *spelling) text(s string) {
	if s != "" {
		w.b.WriteString(": " + escapeBars(s))
	}
}

// option writes an option unless its value is empty.
func (w *spelling) option(name, value string) {
	if value != "" {
		w.put(name, value)
	}
}

// put writes an option even if its value is empty.
func (w *spelling) put(name, value string) {
	w.b.WriteString(strings.TrimRight(" | "+name+" "+escapeBars(value), " "))
}

func (w *spelling) time(name string, t *time.Time) {
	if t != nil {
		w.option(name, FormatTime(*t, w.loc))
	}
}

func (w *spelling) block(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		w.lines += escapeSlash(line) + "\n"
	}
}

func (w *spelling) list(items []string) {
	for _, item := range items {
		w.lines += "- " + item + "\n"
	}
}

// choice returns the element of words that was typed, in any of the ways that [looseName] takes for the same, or what
// was typed if it is none of them.
func choice[T, W ~string](typed T, words []W) T {
	for _, w := range words {
		if looseName(string(w)) == looseName(string(typed)) {
			return T(w)
		}
	}
	return typed
}

// listed joins ids as in "a, b and c", with spaces for underscores.
func listed(ids []string) string { return strings.ReplaceAll(enumerated(ids), "_", " ") }

// enumerated joins words as in "a, b and c".
func enumerated(words []string) string {
	switch n := len(words); n {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}
