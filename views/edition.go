package views

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"
	"unicode"

	"readout/liveblog"
	"readout/views/markdown"
	"readout/views/words"

	"github.com/a-h/templ"
	"golang.org/x/text/unicode/bidi"
)

// Edition is a blog as its pages need it, with its time zone and the interface language looked up once.
type Edition struct {
	liveblog.Blog
	Loc   *time.Location
	Words *words.Language

	// inBlogLanguage says that Words are in the blog's language, so that they need no lang attribute.
	inBlogLanguage bool

	// At is the past moment that a page of the talks shows; its links keep it. It is zero for the present and on
	// all other pages.
	At time.Time
}

// NewEdition returns the edition of a blog at present.
func NewEdition(b liveblog.Blog) Edition {
	ed := Edition{Blog: b, Loc: b.Location()}
	ed.Words, ed.inBlogLanguage = words.For(b.Language)
	return ed
}

// Say returns an interface text; see [words.Language.Say].
func (ed Edition) Say(key string, pairs ...string) string { return ed.Words.Say(key, pairs...) }

// Label returns the interface text for one of the domain's values, such as a status: the one with the key prefix+value.
// Without such a text it returns the value, with spaces for underscores.
func (ed Edition) Label(prefix, value string) string {
	if ed.Words.Has(prefix + value) {
		return ed.Say(prefix + value)
	}
	return strings.ReplaceAll(value, "_", " ")
}

// shownStatus is the status that readers see: that the blog is archived matters more than its last status.
func (ed Edition) shownStatus() string {
	if ed.Archived() {
		return "archived"
	}
	return string(ed.Status)
}

// Path returns the path of the blog's page, without a slash at the end.
func (ed Edition) Path() string { return "/live/" + ed.Slug }

// EntryPath returns the path of an entry's own page.
func (ed Edition) EntryPath(number int) string { return ed.Path() + "/" + strconv.Itoa(number) }

// CorrectionsPath returns the path of the log of corrections.
func (ed Edition) CorrectionsPath() string { return ed.Path() + "/corrections" }

// SearchPath returns the path of the search page.
func (ed Edition) SearchPath() string { return ed.Path() + "/search" }

// UILang returns the lang and dir attributes for interface texts in a blog of another language, nil if the languages
// are the same. Use it on inline elements only: on a block, dir would also change the alignment.
func (ed Edition) UILang() templ.Attributes {
	if ed.inBlogLanguage {
		return nil
	}
	return templ.Attributes{"lang": ed.Words.Tag, "dir": Direction(ed.Words.Tag)}
}

// RFC3339 formats a time with the venue's offset, for datetime attributes.
func (ed Edition) RFC3339(t time.Time) string { return t.In(ed.Loc).Format(time.RFC3339) }

// Clock returns the time of day at the venue, e.g. "14:03", with the offset if the clock shows it twice on that day,
// e.g. "01:30 (UTC+1)".
func (ed Edition) Clock(t time.Time) string {
	t = t.In(ed.Loc)
	text := t.Format("15:04")
	if liveblog.ShownTwice(t) {
		_, offset := t.Zone()
		text += " (" + UtcOffset(offset) + ")"
	}
	return text
}

// ClockBesideZone is [Edition.Clock] for a time that is followed by the label of the zone, which may be the offset.
func (ed Edition) ClockBesideZone(t time.Time) string {
	t = t.In(ed.Loc)
	if _, offset := t.Zone(); ed.Zone(t) == UtcOffset(offset) {
		return t.Format("15:04")
	}
	return ed.Clock(t)
}

// Day returns the date at the venue, e.g. "23 Oct 2025".
func (ed Edition) Day(t time.Time) string { return ed.Words.Date(t.In(ed.Loc)) }

// Zone returns the label of the venue's time zone at t, e.g. "Seoul time". It names the city because abbreviations
// are ambiguous: "CST" is the time of both Shanghai and Chicago. The zone database names cities in English only, so
// in other languages the label is the offset, as it is for zones that are not named after a city.
func (ed Edition) Zone(t time.Time) string {
	_, offset := t.In(ed.Loc).Zone()
	name := ed.Loc.String()
	city := name[strings.LastIndexByte(name, '/')+1:]
	if ed.Words != words.English() || strings.HasPrefix(name, "Etc/") || strings.ToUpper(city) == city {
		return UtcOffset(offset)
	}
	return ed.Say("zone-of", "place", strings.ReplaceAll(city, "_", " "))
}

// UtcOffset formats an offset from UTC, e.g. "UTC+9" or "UTC−3:30".
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

// MomentText returns a time as plain text, e.g. "14:03 Seoul time, 23 Oct 2025". The component [Edition.Moment] is the
// same text as HTML.
func (ed Edition) MomentText(t time.Time) string {
	text := ed.ClockBesideZone(t) + " " + ed.Zone(t) + ed.Say("comma")
	if !strings.HasSuffix(text, "，") { // full-width punctuation has its own space
		text += " "
	}
	return text + ed.Day(t)
}

// Micros formats a time as microseconds since 1970 in decimal.
func Micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// Direction returns "ltr" or "rtl" for a language tag. A script subtag overrides the language's usual script.
func Direction(tag string) string {
	parts := strings.Split(tag, "-")
	if len(parts) > 1 && len(parts[1]) == 4 {
		return directionOf(parts[1], rightToLeftScripts)
	}
	return directionOf(parts[0], rightToLeftLanguages)
}

// Directed returns a text for programs that show it without markup, such as feed readers and link previews. They take
// its direction from its first letter, so a text that begins with a word of another direction gets an invisible mark
// before it, as the Unicode Bidirectional Algorithm (UAX 9, section 2.6) provides.
func Directed(text, language string) string {
	want := Direction(language)
	for _, r := range text {
		properties, _ := bidi.LookupRune(r)
		switch class := properties.Class(); {
		case class == bidi.L && want == "rtl":
			return "\u200f" + text
		case (class == bidi.R || class == bidi.AL) && want == "ltr":
			return "\u200e" + text
		case class == bidi.L || class == bidi.R || class == bidi.AL:
			return text
		}
	}
	return text
}

func directionOf(subtag, rightToLeft string) string {
	if strings.Contains(rightToLeft, " "+strings.ToLower(subtag)+" ") {
		return "rtl"
	}
	return "ltr"
}

const (
	rightToLeftScripts   = " adlm arab aran armi hebr mand nkoo rohg samr syrc thaa yezi "
	rightToLeftLanguages = " ar arc azb ckb dv fa glk he iw khw ks lrc mzn nqo pnb ps sd syr ug ur yi "
)

// CoverageStart returns when the blog went live, in UTC, or when it was created if it has not been live yet.
func (ed Edition) CoverageStart() time.Time {
	if ed.StartedAt.IsZero() {
		return ed.CreatedAt.UTC()
	}
	return ed.StartedAt.UTC()
}

// Body returns an entry's Markdown as safe HTML, with the label of tables in the interface's language.
func (ed Edition) Body(source string) string {
	label := `aria-label="` + html.EscapeString(ed.Say("table")) + `"`
	frame := strings.Replace(markdown.TableFrame, `aria-label="Table"`, label, 1)
	return strings.ReplaceAll(markdown.HTML(source), markdown.TableFrame, frame)
}

// NameOf returns the title of an entry in lists and links: its headline, or the beginning of its text.
func NameOf(e liveblog.Entry) string {
	if e.Headline != "" {
		return e.Headline
	}
	return markdown.Clip(markdown.Text(e.Body), 90)
}

// hasLetters reports whether a piece of a text has words, and not only spaces and punctuation.
func hasLetters(piece string) bool { return strings.IndexFunc(piece, unicode.IsLetter) >= 0 }
