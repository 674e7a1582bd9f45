package views_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// These match a space before punctuation that closes something or behind what opens something, and in feeds also a
// space beside full-width punctuation. French sets a no-break space before a colon, which is none of these spaces.
var (
	misplacedSpace       = regexp.MustCompile(` [,.:;!?،؛؟)\]”’](?: |$)|(?:^| )[(“‘] `)
	spaceBesideFullWidth = regexp.MustCompile(` [，。：；！？、（）]|[，。：；！？、（）] `)
)

// inline are the elements that continue the line of the text around them.
const inline = " a abbr b bdi code data del em i ins mark q s small span strong sub sup time "

// linesOf returns the text of a page as lines, one for each block.
func linesOf(n *html.Node) []string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(strings.NewReplacer("\n", " ", "\t", " ").Replace(n.Data))
			return
		}
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "style", "template", "head", "svg":
				return
			}
			for _, a := range n.Attr {
				if a.Key == "class" && strings.Contains(a.Val, "visually-hidden") {
					return
				}
			}
		}
		block := n.Type == html.ElementNode && !strings.Contains(inline, " "+n.Data+" ")
		if block {
			b.WriteString("\n")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if block {
			b.WriteString("\n")
		}
	}
	walk(n)
	return strings.Split(b.String(), "\n")
}

// A template that breaks a line between an element and punctuation puts a space there. It fails if, for example, the
// time of a session stands in an element of its own behind the session's state.
func TestNoSpacesAroundPunctuation(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "zh", "ko", "es", "fr", "ar"} {
		pages, _ := inEveryState(t, language)
		for name, doc := range pages {
			for _, line := range linesOf(doc.Nodes[0]) {
				found := misplacedSpace.FindString(line)
				if found == "" && strings.HasSuffix(name, "feed") {
					found = spaceBesideFullWidth.FindString(line)
				}
				if found != "" {
					t.Errorf("%s, %s: %q in %q", language, name, found, strings.TrimSpace(line))
				}
			}
		}
	}
}
