package desk

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"readout/liveblog"

	"github.com/a-h/templ"
)

// AuditPage shows lines of the audit, of one blog or of all.
type AuditPage struct {
	Desk    Desk
	Path    string         // of this page
	Blog    *liveblog.Blog // nil for all blogs
	Lines   []liveblog.AuditLine
	Problem Problem

	Who, What, Since, Until string // the filters, as typed
	Slug                    string // likewise; only where Blog is nil
	Before                  string // from the request; "" on the first page
	Older                   string // the value of Before for the next page; "" if there are no older lines
}

// filters returns the query with the filters and, unless it is empty, the line before which the page begins.
func (p AuditPage) filters(before string) string {
	q := url.Values{}
	for name, value := range map[string]string{"who": p.Who, "what": p.What, "since": p.Since, "until": p.Until,
		"blog": p.Slug, "before": before} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// auditEntry names the entry, and the revision if there is one, that a line is about.
func auditEntry(l liveblog.AuditLine) string {
	text := "entry " + strconv.Itoa(l.Number)
	if l.Revision != 0 {
		text += ", revision " + strconv.Itoa(l.Revision)
	}
	return text
}

// auditTime is a time as the audit shows it: in UTC, since it may be of several blogs.
func auditTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// published says who published or approved a revision; "" if it was not published, or if it was public before.
func (p HistoryPage) published(e liveblog.Entry) string {
	for _, l := range p.Audit {
		if l.Revision != e.Revision {
			continue
		}
		switch {
		case l.Action == liveblog.ActionApprove:
			return "Approved and published by " + l.Actor + ", as the second editor."
		case l.Action == liveblog.ActionPublish, l.Action == "entry.post" && e.Public():
			return "Published by " + l.Actor + "."
		}
	}
	return ""
}

// purgedBy says who purged a revision, and why; "" if that is beyond the audit.
func (p HistoryPage) purgedBy(revision int) string {
	for _, l := range slices.Backward(p.Audit) {
		if l.Action == "entry.purge" && l.Revision == revision {
			return "By " + l.Actor + "; " + l.Detail + "."
		}
	}
	return ""
}

// mayPurge reports whether the user may purge a text.
func (p HistoryPage) mayPurge(e liveblog.Entry) bool {
	return !e.Purged() && p.Desk.may(liveblog.Administer, p.Blog.Slug)
}

// purgePath is the path that asks for the purge of one revision.
func (p HistoryPage) purgePath(revision int) templ.SafeURL {
	return templ.SafeURL(deskEntryPath(p.Blog, p.Entry.Number) + "/purge?revision=" + strconv.Itoa(revision))
}
