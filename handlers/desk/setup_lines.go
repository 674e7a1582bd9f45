package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"readout/handlers/web"
	"readout/liveblog"
)

// An editor types a blog's setup as lists with one item per line: the item's name, then options that follow bars, as
// in "China | capital Beijing | zone Asia/Shanghai | id china"; see [liveblog.SplitOptions]. An item without an id
// gets one that is made from its name.

// setupList is one of the lists.
type setupList struct {
	field, name, hint, example string
	options                    []string // what a line may have besides "id"
	// parse puts the items on the lines into the setup.
	parse func(s *liveblog.Setup, lines []*setupLine)
	// format returns a line for each item of the setup, in the form that parse reads.
	format func(s liveblog.Setup, loc *time.Location) []string
}

func setupLists() []setupList {
	return []setupList{
		{
			field: "tracks", name: "Tracks",
			hint:    "The strands of the talks, in the order in which the board shows them.",
			example: "Rare earths | about Export controls on minerals and magnets",
			options: []string{"about"},
			parse: func(s *liveblog.Setup, lines []*setupLine) {
				s.Tracks = parseItems(lines, func(l *setupLine) liveblog.Track {
					return liveblog.Track{ID: l.id(), Name: l.name, Description: l.options["about"]}
				})
			},
			format: func(s liveblog.Setup, _ *time.Location) []string {
				return formatItems(s.Tracks, func(t liveblog.Track) string {
					return liveblog.JoinOptions(t.Name, "about", t.Description, "id", t.ID)
				})
			},
		},
		{
			field: "parties", name: "Parties",
			hint:    "The sides of the talks. A capital needs its time zone.",
			example: "China | capital Beijing | zone Asia/Shanghai",
			options: []string{"capital", "zone"},
			parse: func(s *liveblog.Setup, lines []*setupLine) {
				s.Parties = parseItems(lines, func(l *setupLine) liveblog.Party {
					return liveblog.Party{ID: l.id(), Name: l.name,
						Capital: l.options["capital"], TimeZone: l.options["zone"]}
				})
			},
			format: func(s liveblog.Setup, _ *time.Location) []string {
				return formatItems(s.Parties, func(p liveblog.Party) string {
					return liveblog.JoinOptions(p.Name, "capital", p.Capital, "zone", p.TimeZone, "id", p.ID)
				})
			},
		},
		{
			field: "speakers", name: "Speakers",
			hint:    "The people who are quoted. Give a party by its id; leave it out for speakers of neither side.",
			example: "He Lifeng | office Vice Premier | party china",
			options: []string{"office", "party"},
			parse: func(s *liveblog.Setup, lines []*setupLine) {
				s.Speakers = parseItems(lines, func(l *setupLine) liveblog.Speaker {
					return liveblog.Speaker{ID: l.id(), Name: l.name,
						Office: l.options["office"], Party: l.options["party"]}
				})
			},
			format: func(s liveblog.Setup, _ *time.Location) []string {
				return formatItems(s.Speakers, func(p liveblog.Speaker) string {
					return liveblog.JoinOptions(p.Name, "office", p.Office, "party", p.Party, "id", p.ID)
				})
			},
		},
		{
			field: "meetings", name: "Meetings",
			hint:    "The meetings that the parties give their accounts of. Times are in the venue’s time zone.",
			example: "Leaders’ meeting | at 2025-10-30 11:00",
			options: []string{"at"},
			parse: func(s *liveblog.Setup, lines []*setupLine) {
				s.Meetings = parseItems(lines, func(l *setupLine) liveblog.Meeting {
					return liveblog.Meeting{ID: l.id(), Name: l.name, At: l.time("at")}
				})
			},
			format: func(s liveblog.Setup, loc *time.Location) []string {
				return formatItems(s.Meetings, func(m liveblog.Meeting) string {
					return liveblog.JoinOptions(m.Name, "at", venueTime(m.At, loc), "id", m.ID)
				})
			},
		},
		{
			field: "sessions", name: "Sessions",
			hint: "The timetable as first planned; entries say what changes later. Times are in the venue’s " +
				"time zone.",
			example: "Plenary | starts 2025-10-30 11:00 | ends 2025-10-30 12:40 | place Nurimaru House",
			options: []string{"starts", "ends", "place"},
			parse: func(s *liveblog.Setup, lines []*setupLine) {
				s.Sessions = parseItems(lines, func(l *setupLine) liveblog.AgendaItem {
					x := liveblog.AgendaItem{ID: l.id(), Name: l.name, Place: l.options["place"], Ends: l.time("ends")}
					if starts := l.time("starts"); starts != nil {
						x.Starts = *starts
					}
					return x
				})
			},
			format: func(s liveblog.Setup, loc *time.Location) []string {
				return formatItems(s.Sessions, func(x liveblog.AgendaItem) string {
					return liveblog.JoinOptions(x.Name, "starts", venueTime(&x.Starts, loc),
						"ends", venueTime(x.Ends, loc), "place", x.Place, "id", x.ID)
				})
			},
		},
	}
}

func parseItems[T any](lines []*setupLine, parse func(*setupLine) T) []T {
	list := make([]T, len(lines))
	for i, l := range lines {
		list[i] = parse(l)
	}
	return list
}

func formatItems[T any](list []T, format func(T) string) []string {
	lines := make([]string, len(list))
	for i, item := range list {
		lines[i] = format(item)
	}
	return lines
}

// venueTime formats a time; "" for none.
func venueTime(t *time.Time, loc *time.Location) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return liveblog.FormatTime(*t, loc)
}

// setupLine is one line of a list while it is parsed.
type setupLine struct {
	number   int
	loc      *time.Location
	name     string
	options  map[string]string
	problems []string
}

// maxLines is how many lines of a list are read. The setup itself allows fewer items, and says how many.
const maxLines = 1000

// maxLineProblems bounds how many problems of one line are listed.
const maxLineProblems = 4

// readLines splits a list into its lines. It skips empty ones, which count for the line numbers.
func readLines(list setupList, text string, loc *time.Location) (lines []*setupLine) {
	known := append(slices.Clone(list.options), "id")
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(lines) == maxLines {
			lines[maxLines-1].problemf("only the first %d lines are read, and more follow.", maxLines)
			break
		}
		name, options := liveblog.SplitOptions(line)
		l := &setupLine{number: i + 1, loc: loc, name: name, options: map[string]string{}}
		for _, o := range options {
			if o.Name == "" {
				continue
			}
			option := strings.ToLower(o.Name)
			if _, twice := l.options[option]; twice {
				l.problemf("the option “%s” comes twice.", option)
			} else if !slices.Contains(known, option) {
				l.problemf("there is no option “%s” here; use %s.", web.Truncate(option, 30), alternatives(known))
			} else {
				l.options[option] = o.Value
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// alternatives returns words as "a, b or c".
func alternatives(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return words[0]
}

func (l *setupLine) problemf(format string, args ...any) {
	if len(l.problems) == maxLineProblems {
		return
	}
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

// id returns the line's id, or makes one from its name. A name with letters other than a to z makes none, because
// nobody would want to type it.
func (l *setupLine) id() string {
	if id := l.options["id"]; id != "" {
		return id
	}
	id := strings.Join(strings.FieldsFunc(strings.NewReplacer("'", "", "’", "").Replace(strings.ToLower(l.name)),
		func(r rune) bool {
			return r < '0' || r > '9' && r < 'a' || r > 'z' && r < unicode.MaxASCII ||
				r > unicode.MaxASCII && !unicode.IsLetter(r)
		}), "-")
	if l.name != "" && (id == "" || strings.ContainsFunc(id, func(r rune) bool { return r > unicode.MaxASCII })) {
		l.problemf("the name cannot be turned into an id; add one in plain letters, such as | id track-%d.", l.number)
		return fmt.Sprint("line-", l.number) // the problem has been reported
	}
	return id
}

// time returns the time that an option gives in the venue's time zone, nil if the line does not have it.
func (l *setupLine) time(option string) *time.Time {
	text := l.options[option]
	if text == "" {
		return nil
	}
	if t, err := liveblog.ParseTime(text, l.loc); err == nil {
		t = t.UTC()
		return &t
	}
	l.problemf("“%s” is not a time; write it as 2025-10-30 11:00.", web.Truncate(text, 60))
	return nil
}
