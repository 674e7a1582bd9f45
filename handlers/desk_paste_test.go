package handlers

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
	"readout/views/paste"
)

// TestPaste converts HTML at the desk. It fails if the answer is not the Markdown alone, if it may be kept, or if HTML
// that is too long is not refused.
func TestPaste(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Contributor)
	send := func(html string) deskAnswer {
		return b.post(t, "/desk/summit/paste", url.Values{"csrf": {b.csrf(t)}, "html": {html}})
	}
	a := send("<p>A <b>deal</b>.</p><script>x</script>").want(t, 200)
	var got map[string]string
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got) != 1 || got["markdown"] != "A **deal**." {
		t.Errorf("the answer is %s (%v)", a.body, err)
	}
	a.header(t, "Cache-Control", "no-store")
	send("<!--"+strings.Repeat("x", paste.MaxHTML)+"-->B").want(t, 413)
	b.post(t, "/desk/summit/paste", url.Values{"html": {"<b>B</b>"}}).want(t, 403) // no CSRF token
}
