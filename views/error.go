package views

import (
	"net/http"

	"readout/liveblog"
	"readout/views/words"
)

// ErrorPage says what went wrong and the way on.
type ErrorPage struct {
	Site    Site
	Blog    *liveblog.Blog // that the address belongs to; nil where there is none
	Status  int            // of HTTP
	Message string         // a whole sentence in English, or empty
	Field   string         // of the address that is at fault, if any
	Request string         // what to name in a report to the operator, if anything
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

// explained is the message, or in other languages than English, which messages are written in, what is true of all errors
// of its kind.
func (p ErrorPage) explained(w *words.Language) string {
	switch {
	case w == words.English() && p.Message != "":
		return p.Message
	case p.Field != "" && errorKind(p.Status) == "unread":
		return w.Say("error-field", "field", p.Field)
	}
	return w.Say("error-about-" + errorKind(p.Status))
}

// errorKind ends the keys of what is said of an error.
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
