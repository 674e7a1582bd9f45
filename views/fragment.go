package views

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

// Fragment renders a component that has no page around it.
func Fragment(c templ.Component) string {
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		panic(err) // a strings.Builder takes everything, and nothing ends this context
	}
	return b.String()
}
