package views

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views/markdown"
	"readout/views/words"

	"github.com/a-h/templ"
)

// Edition is a blog as its pages need it: the time zone loaded once, the language judged once.
type Edition struct {
	liveblog.Blog
	Loc   *time.Location
	Words *words.Language
	own   bool      // the words are of the blog's language
	At    time.Time // the past moment that a page of the talks is of, which its links keep; zero elsewhere
}

func NewEdition(b liveblog.Blog) Edition {
	ed := Edition{Blog: b, Loc: b.Location()}
	ed.Words, ed.own = words.For(b.Language)
	return ed
}

// Say returns one of the interface's texts; see [words.Language.Say].
func (ed Edition) Say(key string, pairs ...string) string { return ed.Words.Say(key, pairs...) }

// Called returns the text for one of the domain's values, such as a status, by a stem and the value; the value itself
// where there is none.
func (ed Edition) Called(stem, value string) string {
	if ed.Words.Knows(stem + value) {
		return ed.Say(stem + value)
	}
	return strings.ReplaceAll(value, "_", " ")
}

func (ed Edition) Path() string { return "/live/" + ed.Slug }

func (ed Edition) EntryPath(number int) string { return ed.Path() + "/" + strconv.Itoa(number) }

func (ed Edition) CorrectionsPath() string { return ed.Path() + "/corrections" }

func (ed Edition) SearchPath() string { return ed.Path() + "/search" }

// Ours marks the interface's own words within a blog of another language. It is for inline elements: on a block the
// direction would move the words to the other side.
func (ed Edition) Ours() templ.Attributes {
	if ed.own {
		return nil
	}
	return templ.Attributes{"lang": ed.Words.Tag, "dir": Direction(ed.Words.Tag)}
}

func (ed Edition) RFC3339(t time.Time) string { return t.In(ed.Loc).Format(time.RFC3339) }

func (ed Edition) Clock(t time.Time) string { return t.In(ed.Loc).Format("15:04") }

func (ed Edition) Day(t time.Time) string { return ed.Words.Date(t.In(ed.Loc)) }

// Zone labels a time of the venue. The place is named and not the zone's abbreviation: "CST" is the time of Shanghai
// and of Chicago. Places have their names in English here, so elsewhere the offset stands for them.
func (ed Edition) Zone(t time.Time) string {
	_, offset := t.In(ed.Loc).Zone()
	name := ed.Loc.String()
	place := name[strings.LastIndexByte(name, '/')+1:]
	if ed.Words != words.English() || strings.HasPrefix(name, "Etc/") || strings.ToUpper(place) == place {
		return UtcOffset(offset)
	}
	return ed.Say("zone-of", "place", strings.ReplaceAll(place, "_", " "))
}

func UtcOffset(seconds int) string {
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	hours, minutes := seconds/3600, seconds/60%60
	if minutes == 0 {
		return fmt.Sprintf("UTC%s%d", sign, hours)
	}
	return fmt.Sprintf("UTC%s%d:%02d", sign, hours, minutes)
}

// Written is a time in one line, e.g. "14:03 Seoul time, 23 Oct 2025".
func (ed Edition) Written(t time.Time) string {
	return ed.Clock(t) + " " + ed.Zone(t) + ed.Say("comma") + " " + ed.Day(t)
}

func Micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// Direction is that of the script that a language is written in. A script subtag goes before the language's usual one.
func Direction(tag string) string {
	parts := strings.Split(tag, "-")
	if len(parts) > 1 && len(parts[1]) == 4 {
		return dirOf(rightToLeftScripts, parts[1])
	}
	return dirOf(rightToLeftLanguages, parts[0])
}

func dirOf(rightToLeft, subtag string) string {
	if strings.Contains(rightToLeft, " "+strings.ToLower(subtag)+" ") {
		return "rtl"
	}
	return "ltr"
}

const (
	rightToLeftScripts   = " adlm arab aran armi hebr mand nkoo rohg samr syrc thaa yezi "
	rightToLeftLanguages = " ar arc azb ckb dv fa glk he iw khw ks lrc mzn nqo pnb ps sd syr ug ur yi "
)

// CoverageStart is when the coverage began, in UTC; it never drifts.
func (ed Edition) CoverageStart() time.Time {
	if ed.StartedAt.IsZero() {
		return ed.CreatedAt.UTC()
	}
	return ed.StartedAt.UTC()
}

// Body is the safe HTML of an entry's body with our words in the interface's language.
func (ed Edition) Body(source string) string {
	label := `aria-label="` + html.EscapeString(ed.Say("table")) + `"`
	return strings.ReplaceAll(markdown.HTML(source), markdown.TableFrame, strings.Replace(markdown.TableFrame, `aria-label="Table"`, label, 1))
}

// NameOf is what an entry is called where its text is not shown.
func NameOf(e liveblog.Entry) string {
	if e.Headline != "" {
		return e.Headline
	}
	return markdown.Clip(markdown.Text(e.Body), 90)
}
