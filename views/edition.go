package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"

	"github.com/a-h/templ"
)

// edition is a blog as its pages need it: the time zone loaded once, the language judged once.
type edition struct {
	liveblog.Blog
	loc     *time.Location
	english bool
	at      time.Time // the past moment that a page of the talks is of, which its links keep; zero elsewhere
}

func newEdition(b liveblog.Blog) edition {
	primary, _, _ := strings.Cut(b.Language, "-")
	return edition{Blog: b, loc: b.Location(), english: strings.EqualFold(primary, "en")}
}

func (ed edition) path() string { return "/live/" + ed.Slug }

func (ed edition) entryPath(number int) string { return ed.path() + "/" + strconv.Itoa(number) }

func (ed edition) olderPath(before int) string { return ed.path() + "?before=" + strconv.Itoa(before) }

// inEnglish marks the interface's own words within a blog of another language. It is for inline elements: on a block
// the direction would move the words to the other side.
func (ed edition) inEnglish() templ.Attributes {
	if ed.english {
		return nil
	}
	return templ.Attributes{"lang": "en", "dir": "ltr"}
}

func (ed edition) rfc3339(t time.Time) string { return t.In(ed.loc).Format(time.RFC3339) }

func (ed edition) clock(t time.Time) string { return t.In(ed.loc).Format("15:04") }

// day writes a date in words only where the words are of the page's language.
func (ed edition) day(t time.Time) string {
	if ed.english {
		return t.In(ed.loc).Format("2 Jan 2006")
	}
	return t.In(ed.loc).Format(time.DateOnly)
}

// zone labels a time of the venue. The place is named and not the zone's abbreviation: "CST" is the time of Shanghai
// and of Chicago.
func (ed edition) zone(t time.Time) string {
	_, offset := t.In(ed.loc).Zone()
	name := ed.loc.String()
	place := name[strings.LastIndexByte(name, '/')+1:]
	if !ed.english || strings.HasPrefix(name, "Etc/") || strings.ToUpper(place) == place {
		return utcOffset(offset)
	}
	return strings.ReplaceAll(place, "_", " ") + " time"
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
	return ed.clock(t) + " " + ed.zone(t) + ", " + ed.day(t)
}

// updated leaves the date out where it is that of the publication.
func (ed edition) updated(e liveblog.Entry) string {
	if ed.day(e.UpdatedAt) == ed.day(e.PublishedAt) {
		return ed.clock(e.UpdatedAt) + " " + ed.zone(e.UpdatedAt)
	}
	return ed.written(e.UpdatedAt)
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

// statusLabel is how readers see a blog's status.
func statusLabel(s liveblog.BlogStatus) string {
	switch s {
	case liveblog.Live:
		return "Live"
	case liveblog.Paused:
		return "Paused"
	case liveblog.Ended:
		return "Ended"
	}
	return "Upcoming"
}
