package desk

import "strings"

// nameIn is a name, and what a User-Agent header contains if it applies.
type nameIn struct{ mark, name string }

// browserName says in a few words which browser sends a User-Agent header, for the list of a person's sessions. Most
// browsers name others too, for compatibility, so the order matters.
func browserName(userAgent string) string {
	browser := first(userAgent, []nameIn{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
		{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}, {"curl/", "curl"},
	})
	system := first(userAgent, []nameIn{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Macintosh", "macOS"}, {"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return "unknown browser"
	case browser == "":
		return "unknown browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func first(text string, names []nameIn) string {
	for _, n := range names {
		if strings.Contains(text, n.mark) {
			return n.name
		}
	}
	return ""
}
