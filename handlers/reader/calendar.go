package reader

import (
	"bytes"
	"context"
	"math"
	"net/url"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"
	"readout/views/talks"

	ics "github.com/arran4/golang-ical"
	"github.com/gofiber/fiber/v2"
)

// calendarType is the media type of RFC 5545.
const calendarType = "text/calendar; charset=utf-8"

// calendarRefresh is how often calendar programs are asked to fetch the timetable again.
const calendarRefresh = "PT5M"

// AgendaCalendar sends the timetable as an iCalendar file, to which calendar programs subscribe.
func (h *Handlers) AgendaCalendar(c *fiber.Ctx) error {
	return h.momentPage(c, "calendar", func(ctx context.Context, at time.Time) (web.Page, error) {
		b, t, err := h.Store.Talks(ctx, c.Params("slug"), at)
		if err != nil {
			return web.Page{}, err
		}
		body, err := calendar(h.Site, b, &t, at)
		if err != nil {
			return web.Page{}, err
		}
		return web.Page{Version: b.Cursor.String(), Representation: web.NewRepresentation(calendarType, body)}, nil
	})
}

// calendar renders the timetable of a moment, or the present one if at is zero, as RFC 5545 defines it, with times in
// UTC, which calendar programs convert to local time. A blog without sessions gets an empty calendar rather than an
// error, so that early subscribers stay subscribed. The same talks always give the same bytes.
func calendar(site views.Site, b liveblog.Blog, t *liveblog.Talks, at time.Time) ([]byte, error) {
	address := site.BaseURL + "/live/" + b.Slug + "/agenda"
	cal := ics.NewCalendar()
	cal.SetProductId("-//Readout//Agenda//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName(b.Title)
	cal.SetXWRCalName(b.Title)
	cal.SetXWRTimezone(b.Location().String())
	cal.SetUrl(address)
	cal.SetRefreshInterval(calendarRefresh)
	cal.SetXPublishedTTL(calendarRefresh)
	host := hostOf(site.BaseURL)
	changed, sequence := versionAt(b, at)
	for _, s := range t.Agenda {
		e := cal.AddEvent(s.ID + "." + b.Slug + "@" + host)
		e.SetDtStampTime(changed)
		e.SetModifiedAt(changed)
		e.SetSequence(sequence)
		e.SetStatus(calendarStatus(s.Status))
		e.SetSummary(talks.SessionTitle(b, s))
		e.SetStartAt(s.From)
		if s.To != nil {
			e.SetEndAt(*s.To)
		}
		if s.Place != "" {
			e.SetLocation(s.Place)
		}
		e.SetDescription(talks.SessionWords(b, s))
		e.SetURL(address + "#session-" + s.ID)
	}
	var out bytes.Buffer
	err := cal.SerializeTo(&out, ics.WithNewLineWindows)
	return out.Bytes(), err
}

// versionAt returns LAST-MODIFIED and SEQUENCE of the sessions. A program that subscribes to the calendar keeps the
// event that it has unless SEQUENCE rises (RFC 5546, section 2.1.5). What an event shows also changes with the setup,
// the language and the removal of an entry, of which its history tells nothing, so every change of the blog counts.
// Neither value ever falls, also not after a restore. In a calendar of a past moment they are lower than in any present
// one.
func versionAt(b liveblog.Blog, at time.Time) (modified time.Time, sequence int) {
	if !at.IsZero() && at.Before(b.ChangedAt) {
		return at, 0
	}
	return b.ChangedAt, int(min(b.Cursor.Seq, math.MaxInt32))
}

func calendarStatus(status string) ics.ObjectStatus {
	switch status {
	case liveblog.Cancelled:
		return ics.ObjectStatusCancelled
	case liveblog.Postponed:
		return ics.ObjectStatusTentative
	}
	return ics.ObjectStatusConfirmed
}

// hostOf returns the host of the site, which keeps event ids of different sites apart.
func hostOf(base string) string {
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return u.Hostname()
	}
	return "readout"
}
