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

// A blog's setup is written in lists, an item a line: its name and, behind bars, what else there is to say of it, as in
// "China | capital Beijing | zone Asia/Shanghai | id china". "\|" is a bar. Without an id, the name makes one.

// setupList is one of the lists.
type setupList struct {
	field, name, hint, example string
	takes                      []string // words that may stand behind a bar, beside "id"
	// read puts what the lines say into the setup.
	read func(s *liveblog.Setup, lines []*setupLine)
	// write returns the lines of the setup, as read takes them.
	write func(s liveblog.Setup, loc *time.Location) []string
}

func setupLists() []setupList {
	return []setupList{
		{"tracks", "Tracks", "The strands of the talks, in the order in which the board shows them.",
			"Rare earths | about Export controls on minerals and magnets", []string{"about"},
			func(s *liveblog.Setup, lines []*setupLine) {
				s.Tracks = items(lines, func(l *setupLine) liveblog.Track {
					return liveblog.Track{ID: l.id(), Name: l.name, Description: l.options["about"]}
				})
			},
			func(s liveblog.Setup, _ *time.Location) []string {
				return written(s.Tracks, func(t liveblog.Track) []string { return []string{t.Name, "about", t.Description, "id", t.ID} })
			}},
		{"parties", "Parties", "The sides of the talks. A capital comes with its time zone.",
			"China | capital Beijing | zone Asia/Shanghai", []string{"capital", "zone"},
			func(s *liveblog.Setup, lines []*setupLine) {
				s.Parties = items(lines, func(l *setupLine) liveblog.Party {
					return liveblog.Party{ID: l.id(), Name: l.name, Capital: l.options["capital"], TimeZone: l.options["zone"]}
				})
			},
			func(s liveblog.Setup, _ *time.Location) []string {
				return written(s.Parties, func(p liveblog.Party) []string {
					return []string{p.Name, "capital", p.Capital, "zone", p.TimeZone, "id", p.ID}
				})
			}},
		{"speakers", "Speakers", "The people who are quoted. Somebody of neither side has no party, which is named by its id.",
			"He Lifeng | office Vice Premier | party china", []string{"office", "party"},
			func(s *liveblog.Setup, lines []*setupLine) {
				s.Speakers = items(lines, func(l *setupLine) liveblog.Speaker {
					return liveblog.Speaker{ID: l.id(), Name: l.name, Office: l.options["office"], Party: l.options["party"]}
				})
			},
			func(s liveblog.Setup, _ *time.Location) []string {
				return written(s.Speakers, func(p liveblog.Speaker) []string {
					return []string{p.Name, "office", p.Office, "party", p.Party, "id", p.ID}
				})
			}},
		{"meetings", "Meetings", "What the parties give their accounts of. Times are the venue’s.",
			"Leaders’ meeting | at 2025-10-30 11:00", []string{"at"},
			func(s *liveblog.Setup, lines []*setupLine) {
				s.Meetings = items(lines, func(l *setupLine) liveblog.Meeting {
					return liveblog.Meeting{ID: l.id(), Name: l.name, At: l.time("at")}
				})
			},
			func(s liveblog.Setup, loc *time.Location) []string {
				return written(s.Meetings, func(m liveblog.Meeting) []string { return []string{m.Name, "at", venueTime(m.At, loc), "id", m.ID} })
			}},
		{"sessions", "Sessions", "The timetable as it was planned first; what comes of it, entries say. Times are the venue’s.",
			"Plenary | starts 2025-10-30 11:00 | ends 2025-10-30 12:40 | place Nurimaru House", []string{"starts", "ends", "place"},
			func(s *liveblog.Setup, lines []*setupLine) {
				s.Sessions = items(lines, func(l *setupLine) liveblog.AgendaItem {
					x := liveblog.AgendaItem{ID: l.id(), Name: l.name, Place: l.options["place"], Ends: l.time("ends")}
					if starts := l.time("starts"); starts != nil {
						x.Starts = *starts
					}
					return x
				})
			},
			func(s liveblog.Setup, loc *time.Location) []string {
				return written(s.Sessions, func(x liveblog.AgendaItem) []string {
					return []string{x.Name, "starts", venueTime(&x.Starts, loc), "ends", venueTime(x.Ends, loc), "place", x.Place, "id", x.ID}
				})
			}},
	}
}

func items[T any](lines []*setupLine, item func(*setupLine) T) []T {
	list := make([]T, len(lines))
	for i, l := range lines {
		list[i] = item(l)
	}
	return list
}

// written writes a line for each item: the name, then pairs of a word and its value, left out where that is empty.
func written[T any](list []T, parts func(T) []string) []string {
	lines := make([]string, len(list))
	for i, item := range list {
		p := parts(item)
		lines[i] = escapeBars(p[0])
		for j := 1; j < len(p); j += 2 {
			if p[j+1] != "" {
				lines[i] += " | " + p[j] + " " + escapeBars(p[j+1])
			}
		}
	}
	return lines
}

func escapeBars(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func venueTime(t *time.Time, loc *time.Location) string {
	switch {
	case t == nil || t.IsZero():
		return ""
	case t.Second() != 0:
		return t.In(loc).Format(time.DateTime)
	}
	return t.In(loc).Format("2006-01-02 15:04")
}

// setupLine is one line of a list while it is read.
type setupLine struct {
	number   int
	loc      *time.Location
	name     string
	options  map[string]string
	problems []string
}

// maxLines is how many lines of a list are read; the setup itself takes fewer, and says how many.
const maxLines = 1000

// maxLineProblems bounds what is said of one line.
const maxLineProblems = 4

// readLines reads the lines of a list; empty ones count and say nothing.
func readLines(list setupList, text string, loc *time.Location) (lines []*setupLine) {
	takes := append(slices.Clone(list.takes), "id")
	for i, line := range strings.Split(text, "\n") {
		parts := splitAtBars(line)
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(lines) == maxLines {
			lines[maxLines-1].problemf("more lines than %d follow; they are not read.", maxLines)
			break
		}
		l := &setupLine{number: i + 1, loc: loc, name: parts[0], options: map[string]string{}}
		for _, part := range parts[1:] {
			word, value, _ := strings.Cut(part, " ")
			word = strings.ToLower(word)
			switch _, twice := l.options[word]; {
			case part == "":
			case !slices.Contains(takes, word):
				l.problemf("behind a bar stands %s, not “%s”.", alternatives(takes), web.Truncate(word, 30))
			case twice:
				l.problemf("“%s” stands there twice.", word)
			default:
				l.options[word] = strings.TrimSpace(value)
			}
		}
		lines = append(lines, l)
	}
	return lines
}

func alternatives(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return words[0]
}

// splitAtBars splits at each bar that no backslash stands before, and tidies the parts.
func splitAtBars(line string) (parts []string) {
	const bar = "\x00"
	line = strings.ReplaceAll(strings.ReplaceAll(line, bar, ""), `\|`, bar)
	for part := range strings.SplitSeq(line, "|") {
		parts = append(parts, strings.TrimSpace(strings.ReplaceAll(part, bar, "|")))
	}
	return parts
}

func (l *setupLine) problemf(format string, args ...any) {
	if len(l.problems) == maxLineProblems {
		return
	}
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

// id is the one that is given, or one made of the name. Other letters than a to z make none that a person would type.
func (l *setupLine) id() string {
	if id := l.options["id"]; id != "" {
		return id
	}
	id := strings.Join(strings.FieldsFunc(strings.NewReplacer("'", "", "’", "").Replace(strings.ToLower(l.name)), func(r rune) bool {
		return r < '0' || r > '9' && r < 'a' || r > 'z' && r < unicode.MaxASCII || r > unicode.MaxASCII && !unicode.IsLetter(r)
	}), "-")
	if l.name != "" && (id == "" || strings.ContainsFunc(id, func(r rune) bool { return r > unicode.MaxASCII })) {
		l.problemf("the name makes no id; add one of plain letters, such as | id track-%d.", l.number)
		return fmt.Sprint("line-", l.number) // its absence is said already
	}
	return id
}

func (l *setupLine) time(option string) *time.Time {
	text := l.options[option]
	if text == "" {
		return nil
	}
	for _, layout := range []string{"2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, l.loc); err == nil {
			t = t.UTC()
			return &t
		}
	}
	l.problemf("“%s” is not a time; write it as 2025-10-30 11:00.", web.Truncate(text, 60))
	return nil
}
