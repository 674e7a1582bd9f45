package desk

import (
	"net/http"

	"readout/views"
)

// FailurePage says at the desk what went wrong and where to go next.
type FailurePage struct {
	Site    views.Site
	Slug    string // of the blog below whose desk the address is, or ""
	Status  int    // HTTP status
	Message string // a whole sentence, or empty
	Request string // the request id to quote in a report to the operator, if any
}

func (p FailurePage) title() string {
	switch p.Status {
	case http.StatusNotFound:
		return "There is nothing at this address"
	case http.StatusGone:
		return "This is no longer here"
	case http.StatusForbidden, http.StatusUnauthorized:
		return "You may not do this"
	case http.StatusTooManyRequests:
		return "Too many requests"
	case http.StatusServiceUnavailable, http.StatusInsufficientStorage:
		return "The desk is not available at the moment"
	}
	if p.Status >= http.StatusInternalServerError {
		return "Something went wrong"
	}
	return "This could not be done"
}

func (p FailurePage) explanation() string {
	if p.Message != "" {
		return p.Message
	}
	return "Go back and try again. What you typed is still in the form."
}
