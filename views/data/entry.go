// Package data has the JSON forms of blogs, entries and talks, which the API and the live connection share.
package data

import (
	"time"

	"readout/liveblog"
	"readout/views/markdown"
)

// Entry is the JSON form of an entry.
type Entry struct {
	Number      int                  `json:"number"`
	Revision    int                  `json:"revision"`
	Headline    string               `json:"headline"`
	Body        string               `json:"body"` // Markdown
	HTML        string               `json:"html"` // the body as safe HTML
	Author      string               `json:"author"`
	KeyEvent    bool                 `json:"key_event"`
	Pinned      bool                 `json:"pinned"`
	Summary     bool                 `json:"summary"`
	Status      liveblog.EntryStatus `json:"status"`
	PublishedAt *time.Time           `json:"published_at"` // null until it is first published
	UpdatedAt   time.Time            `json:"updated_at"`
	HappenedAt  *time.Time           `json:"happened_at,omitempty"` // missing if that is not said
	Acts        []liveblog.Act       `json:"acts"`
	Correction  *Correction          `json:"correction,omitempty"` // the latest; missing for none
}

// Correction is an entry's latest correction: its note for readers, and what the entry said before.
type Correction struct {
	At   time.Time `json:"at"`
	Note string    `json:"note"`
	Was  struct {
		Headline string `json:"headline"`
		Body     string `json:"body"` // Markdown
	} `json:"was"`
}

// EntryOf returns the JSON form of an entry.
func EntryOf(e liveblog.Entry) Entry {
	d := Entry{Number: e.Number, Revision: e.Revision, Headline: e.Headline, Body: e.Body, HTML: markdown.HTML(e.Body),
		Author: e.Author, KeyEvent: e.KeyEvent, Pinned: e.Pinned, Summary: e.Summary, Status: e.Status,
		UpdatedAt: e.UpdatedAt.UTC(), Acts: listOf(e.Acts.List())}
	if !e.PublishedAt.IsZero() {
		at := e.PublishedAt.UTC()
		d.PublishedAt = &at
	}
	if !e.HappenedAt.IsZero() {
		at := e.HappenedAt.UTC()
		d.HappenedAt = &at
	}
	if e.Corrected() {
		d.Correction = &Correction{At: e.Correction.At.UTC(), Note: e.Correction.Note}
		d.Correction.Was.Headline, d.Correction.Was.Body = e.Correction.Headline, e.Correction.Body
	}
	return d
}
