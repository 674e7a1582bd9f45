package views

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views/words"

	"github.com/a-h/templ"
)

// edition is a blog as its pages need it: the time zone loaded once, the language judged once.
type edition struct {
	liveblog.Blog
	loc   *time.Location
	words *words.Language
	own   bool      // the words are of the blog's language
	at    time.Time // the past moment that a page of the talks is of, which its links keep; zero elsewhere
}

func newEdition(b liveblog.Blog) edition {
	ed := edition{Blog: b, loc: b.Location()}
	ed.words, ed.own = words.For(b.Language)
	return ed
}

// say returns one of the interface's texts; see [words.Language.Say].
func (ed edition) say(key string, pairs ...string) string { return ed.words.Say(key, pairs...) }

// called returns the text for one of the domain's values, such as a status, by a stem and the value; the value itself
// where there is none.
func (ed edition) called(stem, value string) string {
	if ed.words.Knows(stem + value) {
		return ed.say(stem + value)
	}
	return strings.ReplaceAll(value, "_", " ")
}

func (ed edition) path() string { return "/live/" + ed.Slug }

func (ed edition) entryPath(number int) string { return ed.path() + "/" + strconv.Itoa(number) }

func (ed edition) correctionsPath() string { return ed.path() + "/corrections" }

func (ed edition) searchPath() string { return ed.path() + "/search" }

// ours marks the interface's own words within a blog of another language. It is for inline elements: on a block the
// direction would move the words to the other side.
func (ed edition) ours() templ.Attributes {
	if ed.own {
		return nil
	}
	return templ.Attributes{"lang": ed.words.Tag, "dir": direction(ed.words.Tag)}
}

func (ed edition) rfc3339(t time.Time) string { return t.In(ed.loc).Format(time.RFC3339) }

func (ed edition) clock(t time.Time) string { return t.In(ed.loc).Format("15:04") }

func (ed edition) day(t time.Time) string { return ed.words.Date(t.In(ed.loc)) }

// zone labels a time of the venue. The place is named and not the zone's abbreviation: "CST" is the time of Shanghai
// and of Chicago. Places have their names in English here, so elsewhere the offset stands for them.
func (ed edition) zone(t time.Time) string {
	_, offset := t.In(ed.loc).Zone()
	name := ed.loc.String()
	place := name[strings.LastIndexByte(name, '/')+1:]
	if ed.words != words.English() || strings.HasPrefix(name, "Etc/") || strings.ToUpper(place) == place {
		return utcOffset(offset)
	}
	return ed.say("zone-of", "place", strings.ReplaceAll(place, "_", " "))
}

func utcOffset(seconds int) string {
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

// written is a time in one line, e.g. "14:03 Seoul time, 23 Oct 2025".
func (ed edition) written(t time.Time) string {
	return ed.clock(t) + " " + ed.zone(t) + ed.say("comma") + " " + ed.day(t)
}

func micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// direction is that of the script that a language is written in. A script subtag goes before the language's usual one.
func direction(tag string) string {
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

// coverageStart is when the coverage began, in UTC; it never drifts.
func (ed edition) coverageStart() time.Time {
	if ed.StartedAt.IsZero() {
		return ed.CreatedAt.UTC()
	}
	return ed.StartedAt.UTC()
}

// body is the safe HTML of an entry's body with our words in the interface's language.
func (ed edition) body(source string) string {
	label := `aria-label="` + html.EscapeString(ed.say("table")) + `"`
	return strings.ReplaceAll(Markdown(source), tableFrame, strings.Replace(tableFrame, `aria-label="Table"`, label, 1))
}

// nameOf is what an entry is called where its text is not shown.
func nameOf(e liveblog.Entry) string {
	if e.Headline != "" {
		return e.Headline
	}
	return clip(bodyText(e.Body), 90)
}
