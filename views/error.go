package views

import (
	"net/http"

	"readout/liveblog"
	"readout/views/words"
)

// ErrorPage is a page that says what went wrong and where to go next.
type ErrorPage struct {
	Site    Site
	Blog    *liveblog.Blog // the blog that the address belongs to; nil for none
	Status  int            // HTTP status
	Message string         // a whole sentence in English, or empty
	Field   string         // the query parameter at fault, if any
	Request string         // the request id to quote in a report to the operator, if any
}

func (p ErrorPage) meta() Meta {
	m := Meta{Site: p.Site, Noindex: true}
	if p.Blog != nil {
		ed := NewEdition(*p.Blog)
		m.Edition = &ed
	}
	m.Title = m.words().Say("error-" + errorKind(p.Status))
	return m
}

// explanation returns the message on English pages. Messages are only available in English, so on other pages it
// returns a general text about errors of this kind.
func (p ErrorPage) explanation(w *words.Language) string {
	switch {
	case w == words.English() && p.Message != "":
		return p.Message
	case p.Field != "" && errorKind(p.Status) == "unread":
		return w.Say("error-field", "field", p.Field)
	}
	return w.Say("error-about-" + errorKind(p.Status))
}

// errorKind returns the last part of the keys of the texts about an error.
func errorKind(status int) string {
	switch {
	case status == http.StatusNotFound:
		return "missing"
	case status == http.StatusGone:
		return "removed"
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return "closed"
	case status == http.StatusTooManyRequests:
		return "crowded"
	case status == http.StatusServiceUnavailable:
		return "away"
	case status >= http.StatusInternalServerError:
		return "ours"
	}
	return "unread"
}
