package desk

import (
	"net/http"

	"readout/handlers/web"
	"readout/views/paste"

	"github.com/gofiber/fiber/v2"
)

// Paste answers the composer's script with the Markdown for HTML from the clipboard.
func (d *Handlers) Paste(c *fiber.Ctx, _ visitor) error {
	if _, err := d.findBlog(c); err != nil {
		return err
	}
	text, err := paste.Markdown(formText(c, "html"))
	if err != nil {
		return err
	}
	err = web.SendJSON(c, http.StatusOK, map[string]string{"markdown": text})
	c.Set(fiber.HeaderCacheControl, "no-store")
	return err
}
