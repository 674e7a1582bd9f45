package views

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

// Fragment renders a component to a string, without a page around it.
func Fragment(c templ.Component) string {
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		panic(err) // cannot happen: writing to a strings.Builder never fails and this context is never cancelled
	}
	return b.String()
}
