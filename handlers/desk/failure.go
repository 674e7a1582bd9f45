package desk

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"readout/handlers/web"
	"readout/views"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// ownPaths are the addresses of the desk, with those below them.
var ownPaths = []string{"/desk", "/admin", "/account", "/login", "/logout", "/setup", "/invite"}

// Owns reports whether a path belongs to the desk, so that its errors stay there.
func Owns(path string) bool {
	return slices.ContainsFunc(ownPaths, func(own string) bool {
		return path == own || strings.HasPrefix(path, own+"/")
	})
}

// belowDesk is an address below one blog's desk.
var belowDesk = regexp.MustCompile(`^/desk/([a-z0-9-]{1,80})/.`)

// SendFailure sends the page for an error at one of the desk's addresses.
func SendFailure(c *fiber.Ctx, site views.Site, p web.Problem) error {
	page := view.FailurePage{Site: site, Status: p.Status, Message: p.Detail, Request: p.RequestID}
	if below := belowDesk.FindStringSubmatch(c.Path()); below != nil {
		page.Slug = below[1]
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return view.Failure(page).Render(context.Background(), c.Response().BodyWriter())
}
