package desk

import "time"

// AccountPage is the page of a person's own account.
type AccountPage struct {
	Desk         Desk
	Email        string
	Name         string    // as it is, or as it was typed
	PasswordEnds time.Time // when a generated password ends; zero for one of the person's own
	Sessions     []SessionItem
	Done         string // what the user has just done: "name", "password", "session" or "sessions"

	NameProblem, PasswordProblem, SessionProblem Problem
}

// SessionItem is one of a person's sessions.
type SessionItem struct {
	ID            string
	Browser       string // in a few words; empty for sessions from before it was kept
	Place         string // the network; empty as above
	Started, Used time.Time
	Present       bool // it is the session of this very page
}

// name is what the session's button and row are about.
func (s SessionItem) name() string {
	if s.Browser == "" {
		return "unknown browser"
	}
	return s.Browser
}

// lastUse is when the session was used, or started if that is not known.
func (s SessionItem) lastUse() time.Time {
	if s.Used.IsZero() {
		return s.Started
	}
	return s.Used
}

// utcText formats a time that belongs to no venue.
func utcText(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }
