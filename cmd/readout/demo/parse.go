package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"readout/liveblog"
)

// A script is a folder with staff.md, setup.json, day1.md, day2.md and so on without a gap, and live.md. setup.json
// defines what the acts refer to, in the form of the API, with times on the script's calendar.
//
// Each Markdown file may begin with notes to its editors, which end at the first line that begins with "===". Such a
// line begins a step, which ends before the next such line:
//
//	=== post pact
//	time: 13:05 America/New_York
//	by: Daniel Okafor
//	headline: Trump signs a critical minerals pact with Australia
//	marks: key event
//
//	**Washington** · President Trump has signed …
//
//	/claim minerals-pact confirmed: The United States and Australia have a pact on critical minerals.
//
// The steps are
//
//	post NAME     posts a new entry; the name, of lower-case letters, digits and hyphens, is used only in the script
//	edit NAME     edits the entry; headline, marks, text and acts that the step leaves out stay as they are
//	publish NAME  publishes a draft as it is; by somebody else if its acts need a second editor
//	remove NAME   removes the entry
//
// The fields come first, in any order, up to the first empty line. The entry's Markdown follows. The first line that
// begins with a slash begins the acts, written as the desk's slash commands. Their times are in the time zone of the
// step's own time. Times, and figures whose values are dates, are on the script's calendar; acts in live.md have
// neither. The fields are
//
//	time        the time of day and the time zone of the author, on the day of the file; not in live.md
//	by          a name that staff.md lists
//	headline    one line
//	marks       key event, pinned, summary, draft; separated by commas; "none" clears them in an edit
//	correction  in an edit of the headline or the text: the note to readers that makes it a correction
//
// Steps are in the order of their times, across time zones and files.

// verb is what a step does.
type verb string

const (
	post    verb = "post"
	edit    verb = "edit"
	publish verb = "publish"
	remove  verb = "remove"
)

// step is one thing that somebody does at the desk.
type step struct {
	file       string
	line       int // where it begins
	verb       verb
	name       string    // of the entry, in the script
	day        int       // counts from 1; 0 in live.md
	at         time.Time // on the script's calendar; zero in live.md
	by         liveblog.Actor
	headline   *string        // nil if the step leaves it out
	marks      *marks         // nil if the step leaves them out
	body       string         // "" if the step leaves it out
	acts       *liveblog.Acts // nil if the step leaves them out
	correction *string        // the note to readers; nil if the step is not a correction
	ago        time.Duration  // how long before its publication it happened; 0 if that is not said
}

type marks struct{ keyEvent, pinned, summary, draft bool }

// errorf returns an error that names the step's file and line.
func (s step) errorf(format string, args ...any) error {
	return faultf(s.file, s.line, format, args...)
}

func faultf(file string, line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", file, line, fmt.Errorf(format, args...))
}

// parser parses one file after another and collects their faults.
type parser struct {
	staff  map[string]liveblog.Actor // by name
	setup  liveblog.Setup
	faults []error
	file   string // being parsed
}

func (p *parser) faultf(line int, format string, args ...any) {
	p.faults = append(p.faults, faultf(p.file, line, format, args...))
}

// load parses and checks the script in fsys.
func load(fsys fs.FS) (Script, error) {
	p := &parser{staff: map[string]liveblog.Actor{}}
	if lines, err := p.open(fsys, "staff.md"); err != nil {
		return Script{}, err
	} else {
		p.readStaff(lines)
	}
	if err := p.readSetup(fsys); err != nil {
		return Script{}, err
	}
	s := Script{setup: p.setup}
	day := 1
	for ; ; day++ {
		lines, err := p.open(fsys, fmt.Sprintf("day%d.md", day))
		if errors.Is(err, fs.ErrNotExist) && day > 1 {
			break
		}
		if err != nil {
			return Script{}, err
		}
		s.seeded = append(s.seeded, p.steps(lines, day)...)
	}
	if stray, err := fs.Glob(fsys, "day*.md"); err != nil || len(stray) != day-1 {
		return Script{}, fmt.Errorf("day%d.md is missing among %s", day, strings.Join(stray, ", "))
	}
	lines, err := p.open(fsys, "live.md")
	if err != nil {
		return Script{}, err
	}
	s.live = p.steps(lines, 0)
	if len(p.faults) > 0 {
		return Script{}, errors.Join(p.faults...)
	}
	return s, s.check(day - 1)
}

// open returns the lines of a file. It reports invalid UTF-8 and control characters, which no entry may contain.
func (p *parser) open(fsys fs.FS, name string) ([]string, error) {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	p.file = name
	lines := strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	for i, l := range lines {
		if !utf8.ValidString(l) {
			p.faultf(i+1, "the line is not valid UTF-8")
		}
		if c := strings.IndexFunc(l, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }); c >= 0 {
			p.faultf(i+1, "the line contains the control character %U", l[c])
		}
	}
	return lines, nil
}

const setupFile = "setup.json"

func (p *parser) readSetup(fsys fs.FS) error {
	text, err := fs.ReadFile(fsys, setupFile)
	if err != nil {
		return err
	}
	if p.setup, err = liveblog.ParseSetup(text); err == nil {
		p.setup, err = p.setup.Checked()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", setupFile, err)
	}
	return nil
}

var staffPattern = regexp.MustCompile(`^- ([^,;]+), (\w+)(;.*)?$`)

func (p *parser) readStaff(lines []string) {
	for i, l := range lines {
		if !strings.HasPrefix(l, "-") {
			continue
		}
		m := staffPattern.FindStringSubmatch(l)
		if m == nil {
			p.faultf(i+1, "a line of the staff is “- NAME, ROLE” or “- NAME, ROLE; NOTE”")
			continue
		}
		a := liveblog.Actor{ID: "demo:" + m[1], Name: m[1], Role: liveblog.Role(m[2])}
		if !a.Role.Valid() {
			p.faultf(i+1, "%s has the role %q; it must be editor or contributor", a.Name, a.Role)
		}
		if _, listed := p.staff[a.Name]; listed {
			p.faultf(i+1, "%s is listed twice", a.Name)
		}
		p.staff[a.Name] = a
	}
}

// steps parses the steps of the open file.
func (p *parser) steps(lines []string, day int) []step {
	begins := func(l string) bool { return strings.HasPrefix(l, "===") }
	var out []step
	for i := slices.IndexFunc(lines, begins); i >= 0 && i < len(lines); {
		end := i + 1
		for end < len(lines) && !begins(lines[end]) {
			end++
		}
		out = append(out, p.step(lines[i:end], i+1, day))
		i = end
	}
	if len(out) == 0 {
		p.faultf(1, "the file has no step; a step begins with a line such as “=== post NAME”")
	}
	return out
}

var stepPattern = regexp.MustCompile(`^=== (post|edit|publish|remove) ([a-z0-9]+(?:-[a-z0-9]+)*)$`)

// step parses one step. first is the line number of its first line.
func (p *parser) step(lines []string, first, day int) step {
	s := step{file: p.file, line: first, day: day}
	m := stepPattern.FindStringSubmatch(strings.TrimRight(lines[0], " "))
	if m == nil {
		p.faultf(first, "a step begins with “=== post NAME”, “=== edit NAME”, “=== publish NAME” or "+
			"“=== remove NAME”, not with %q", lines[0])
		return s
	}
	s.verb, s.name = verb(m[1]), m[2]
	end := slices.IndexFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" })
	if end < 0 {
		end = len(lines)
	}
	seen := map[string]bool{}
	for i, l := range lines[1:end] {
		key, value, ok := strings.Cut(l, ":")
		if value = strings.TrimSpace(value); !ok || value == "" {
			p.faultf(first+1+i, "a field is “NAME: VALUE”, and an empty line comes before the text; got %q", l)
			continue
		}
		if seen[key] {
			p.faultf(first+1+i, "the step has the field %q twice", key)
		}
		seen[key] = true
		if err := p.field(&s, key, value); err != nil {
			p.faultf(first+1+i, "%w", err)
		}
	}
	text, commands := lines[end:], []string(nil)
	if i := slices.IndexFunc(text, func(l string) bool { return strings.HasPrefix(l, "/") }); i >= 0 {
		text, commands = text[:i], text[i:]
	}
	s.body = strings.TrimSpace(strings.Join(text, "\n"))
	if len(commands) > 0 {
		acts, err := liveblog.ParseCommands(p.setup, s.zone(), strings.Join(commands, "\n"))
		if err != nil {
			p.faultf(first+end+len(text), "%w", err)
		}
		s.acts = &acts
	}
	if !seen["by"] {
		p.faultf(first, "the step has no field by")
	}
	if day > 0 && !seen["time"] {
		p.faultf(first, "the step has no field time")
	}
	return s
}

// zone returns the time zone of the times in the step's acts.
func (s step) zone() *time.Location {
	if s.at.IsZero() {
		return time.UTC
	}
	return s.at.Location()
}

// field parses one field of a step into s.
func (p *parser) field(s *step, key, value string) (err error) {
	switch key {
	case "time":
		s.at, err = onCalendar(s.day, value)
	case "by":
		var known bool
		if s.by, known = p.staff[value]; !known {
			return fmt.Errorf("%s is not listed in staff.md", value)
		}
	case "headline":
		s.headline = &value
	case "marks":
		s.marks, err = parseMarks(value)
	case "correction":
		s.correction = &value
	case "happened":
		if s.ago, err = time.ParseDuration(strings.TrimSuffix(value, " before")); err != nil || s.ago <= 0 {
			return fmt.Errorf("a step says when it happened as in “35m before”, not %q", value)
		}
	default:
		return fmt.Errorf("%q is not a field; the fields are time, by, headline, marks, correction and happened", key)
	}
	return err
}

func parseMarks(value string) (*marks, error) {
	var m marks
	if value == "none" {
		return &m, nil
	}
	for mark := range strings.SplitSeq(value, ",") {
		switch mark = strings.TrimSpace(mark); mark {
		case "key event":
			m.keyEvent = true
		case "pinned":
			m.pinned = true
		case "summary":
			m.summary = true
		case "draft":
			m.draft = true
		default:
			return nil, fmt.Errorf("%q is not a mark; the marks are key event, pinned, summary and draft", mark)
		}
	}
	return &m, nil
}
