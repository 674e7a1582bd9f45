package desk

import "testing"

// It fails if a browser is taken for another one that its header names for compatibility, or if any part of the header
// itself is shown.
func TestBrowserName(t *testing.T) {
	t.Parallel()
	const webkit = " AppleWebKit/605.1.15 (KHTML, like Gecko) "
	for header, want := range map[string]string{
		"":                          "unknown browser",
		"<script>alert(1)</script>": "unknown browser",
		"curl/8.5.0":                "curl",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                   "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64)" + webkit + "Chrome/140.0 Safari/537.36":        "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0)" + webkit + "Chrome/140.0 Safari/537.36 Edg/140.0":          "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 15; K)" + webkit + "Chrome/140.0 Mobile Safari/537.36":        "Chrome on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)" + webkit + "Version/18 Safari/605.1":     "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)" + webkit + "CriOS/140 Safari/604": "Chrome on iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)" + webkit + "FxiOS/140 Safari/605": "Firefox on iPhone",
		"Mozilla/5.0 (Windows NT 10.0)" + webkit + "Thing/1":                                       "unknown browser on Windows",
	} {
		if got := browserName(header); got != want {
			t.Errorf("%q is %q, want %q", header, got, want)
		}
	}
}
