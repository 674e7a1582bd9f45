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

// The form of a script: it is a folder of Markdown files: staff.md, day1.md and on without a gap, and live.md. Beside
// them stands setup.json, what the acts refer to, in the API's form and with its times on the script's own calendar.
//
// Each file may begin with notes to whoever edits it; they end at the first line that begins with "===". Such a line
// opens a step, which reaches to the next one:
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
//	post NAME     a new entry; the name, of lower-case letters, digits and hyphens, is known only to the script
//	edit NAME     a new revision of it; headline, marks or text that are left out stay as they are
//	publish NAME  a draft, as it is; by somebody else where its acts need a second editor
//	remove NAME   takes it back
//
// The fields stand in any order up to the first empty line, the entry's Markdown follows. From the first line that
// begins with a slash on stand its acts, as the desk's commands; an edit without any leaves them as they are. Times in
// them are of the zone of the step's own time and, as dates that are the value of a figure, on the script's calendar;
// acts in live.md have no times. The fields:
//
//	time        the clock and the zone of the place it is written at, on the day of the file; live.md has no times
//	by          somebody listed in staff.md
//	headline    one line
//	marks       key event, pinned, summary, draft; several with commas between them; on an edit also none
//	correction  on an edit that changes the headline or the text: what readers are told of it
//
// Steps stand in the order of time, across zones and files.

// verb is what a step does.
type verb string

const (
	post    verb = "post"
	edit    verb = "edit"
	publish verb = "publish"
	remove  verb = "remove"
)

// step is one act of somebody at the desk.
type step struct {
	file     string
	line     int // of the line that opens it
	verb     verb
	name     string
	day      int       // 1 is the first; 0 in live.md
	at       time.Time // on the script's own calendar; zero in live.md
	by       liveblog.Actor
	headline *string // nil where the step leaves it out
	marks    *marks
	body     string // empty where the step leaves it out
	acts     *liveblog.Acts

	correction *string // what readers are told of an edit; nil where it is no correction
}

type marks struct{ keyEvent, pinned, summary, draft bool }

// errorf returns an error that names the step's file and line.
func (s step) errorf(format string, args ...any) error {
	return faultf(s.file, s.line, format, args...)
}

func faultf(file string, line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", file, line, fmt.Errorf(format, args...))
}

// parser reads files one after the other and collects their faults.
type parser struct {
	staff  map[string]liveblog.Actor
	setup  liveblog.Setup
	faults []error
	file   string
}

func (p *parser) faultf(line int, format string, args ...any) {
	p.faults = append(p.faults, faultf(p.file, line, format, args...))
}

// load reads and checks the script in fsys.
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

// open returns the lines of a file, refusing what no entry may hold.
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
			p.faultf(i+1, "the line holds the control character %U", l[c])
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
			p.faultf(i+1, "a line of the staff is “- NAME, ROLE”, with “; NOTE” behind it or not")
			continue
		}
		a := liveblog.Actor{ID: "demo:" + m[1], Name: m[1], Role: liveblog.Role(m[2])}
		if !a.Role.Valid() {
			p.faultf(i+1, "%s has the role %q; it is editor or contributor", a.Name, a.Role)
		}
		if _, twice := p.staff[a.Name]; twice {
			p.faultf(i+1, "%s is listed twice", a.Name)
		}
		p.staff[a.Name] = a
	}
}

// steps reads the steps of the open file.
func (p *parser) steps(lines []string, day int) []step {
	opens := func(l string) bool { return strings.HasPrefix(l, "===") }
	var out []step
	for i := slices.IndexFunc(lines, opens); i >= 0 && i < len(lines); {
		end := i + 1
		for end < len(lines) && !opens(lines[end]) {
			end++
		}
		out = append(out, p.step(lines[i:end], i+1, day))
		i = end
	}
	if len(out) == 0 {
		p.faultf(1, "the file has no step; one begins with “=== post NAME”")
	}
	return out
}

var stepPattern = regexp.MustCompile(`^=== (post|edit|publish|remove) ([a-z0-9]+(?:-[a-z0-9]+)*)$`)

// step reads one step; first is the line number of its first line.
func (p *parser) step(lines []string, first, day int) step {
	s := step{file: p.file, line: first, day: day}
	m := stepPattern.FindStringSubmatch(strings.TrimRight(lines[0], " "))
	if m == nil {
		p.faultf(first, "a step begins with “=== post NAME”, “=== edit NAME”, “=== publish NAME” or “=== remove NAME”, not with %q", lines[0])
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
			p.faultf(first+1+i, "a field is “NAME: VALUE”, and an empty line stands before the text; got %q", l)
			continue
		}
		if seen[key] {
			p.faultf(first+1+i, "the field %q stands twice", key)
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
		p.faultf(first, "the step does not say by whom it is")
	}
	if day > 0 && !seen["time"] {
		p.faultf(first, "the step has no time")
	}
	return s
}

// zone is that of the times in the step's acts.
func (s step) zone() *time.Location {
	if s.at.IsZero() {
		return time.UTC
	}
	return s.at.Location()
}

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
	default:
		return fmt.Errorf("%q is no field; time, by, headline, marks and correction are", key)
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
			return nil, fmt.Errorf("%q is no mark; key event, pinned, summary and draft are", mark)
		}
	}
	return &m, nil
}
