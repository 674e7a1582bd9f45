package views

import (
	"readout/liveblog"

	"github.com/a-h/templ"
)

// Front, Blog, Entry, Embed and Error are whole pages.
func Front(p FrontPage) templ.Component { return templ.NopComponent }
func Blog(p BlogPage) templ.Component   { return templ.NopComponent }
func Entry(p EntryPage) templ.Component { return templ.NopComponent }
func Embed(p EmbedPage) templ.Component { return templ.NopComponent }
func Error(p ErrorPage) templ.Component { return templ.NopComponent }

// Markdown returns the safe HTML of an entry's body.
func Markdown(body string) string { return "" }

// EntryHTML returns an entry's article as it stands in the stream and goes over the wire.
func EntryHTML(b liveblog.Blog, e liveblog.Entry) string { return "" }

// HeadHTML returns what stands above the stream, as it goes over the wire.
func HeadHTML(h liveblog.Head) string { return "" }
