package script_test

import (
	"fmt"
	"strings"
	"testing"

	"readout/liveblog"
)

// selecter selects words in an element, from the last to the first.
const selecter = `(selector, words) => {
	const texts = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT)
	let node = texts.nextNode()
	while (!node.data.includes(words)) node = texts.nextNode()
	const from = node.data.indexOf(words)
	getSelection().setBaseAndExtent(node, from + words.length, node, from)
}`

// TestSelectedTextStaysSelected changes an entry and the parts above the stream while text in them is selected. It
// fails if the text is replaced by the same text, if an inserted paragraph takes the place of the one with the
// selection, if two edits in one paragraph end the selection between them, or if an entry that moves loses it.
func TestSelectedTextStaysSelected(t *testing.T) {
	t.Parallel()
	const (
		before = "Nothing is agreed until everything is agreed."
		words  = "until the plenary"
		body   = before + "\n\nThe delegations sit until the plenary begins at noon, and then adjourn.\n\n" + before
	)
	replace := func(pairs ...string) func(*newsroom) {
		return func(room *newsroom) {
			room.edit(5, func(e *liveblog.Entry) { e.Body = strings.NewReplacer(pairs...).Replace(body) })
		}
	}
	cases := []struct {
		name   string
		change func(*newsroom)
		want   string
	}{
		{"another paragraph", replace(before, "Everything is agreed."), words},
		{"paragraphs before and after it", replace("The delegations", "One more.\n\nAnd one.\n\nThe delegations"), words},
		{"a paragraph less", replace(before+"\n\n", ""), words},
		{"the words before and after it", replace("The", "Both", "noon", "one"), words},
		{"other words in bold", replace("begins", "**begins**", "sit", "_sit_"), words},
		{"the selected words in bold", replace(words, "**"+words+"**"), words},
		{"the same words again before it", replace(before+"\n\nThe", "Nobody leaves until the plenary.\n\nThe"), words},
		{"the selected words", replace(words, "as long as it takes"), ""},
		{"the headline", func(room *newsroom) {
			room.edit(5, func(e *liveblog.Entry) { e.Headline, e.KeyEvent = "Another headline", true })
		}, words},
		{"the position", func(room *newsroom) {
			room.edit(5, func(e *liveblog.Entry) { e.Pinned = true })
		}, words},
	}
	for _, b := range browsers {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.open(t)
			for _, c := range cases {
				room := newNewsroom(t, 8)
				room.edit(5, func(e *liveblog.Entry) { e.Body = body })
				p.GoTo(room.URL + "/live/talks")
				p.Until(`document.querySelector('[data-connection]')?.dataset.connection === 'live'`)
				p.Run(fmt.Sprintf(`(%s)('#entry-5', %q)`, selecter, words))
				p.Run(`document.querySelector('#entry-5 .share').focus()`)
				c.change(room)
				p.Until(`document.querySelector('#entry-5').dataset.revision === '3'`)
				if p.Number(fmt.Sprintf(`Number(getSelection().toString() === %q)`, c.want)) != 1 {
					t.Errorf("after a change of %s, another text than %q is selected", c.name, c.want)
				}
				if c.want == "" {
					continue
				}
				if p.Number(`Number(getSelection().anchorNode.parentElement.closest('p').textContent
					.includes('delegations'))`) != 1 {
					t.Errorf("after a change of %s, the text is selected in another paragraph", c.name)
				}
				if p.Number(`Number((({ anchorNode, anchorOffset, focusNode, focusOffset }) => anchorNode === focusNode &&
					anchorOffset > focusOffset)(getSelection()))`) != 1 {
					t.Errorf("after a change of %s, the selection has another direction", c.name)
				}
				if p.Number(`Number(document.activeElement.matches('#entry-5 .share'))`) != 1 {
					t.Errorf("after a change of %s, the focus is elsewhere", c.name)
				}
			}

			room := newNewsroom(t, 3)
			p.GoTo(room.URL + "/live/talks")
			p.Until(`document.querySelector('[data-connection]')?.dataset.connection === 'live'`)
			p.Run(fmt.Sprintf(`(%s)('.standfirst', 'delegations')`, selecter))
			room.setBlog(func(b *liveblog.Blog) { b.Title, b.Standfirst = "Another title", "These two delegations meet." })
			p.Until(`document.querySelector('[data-title]').textContent === 'Another title'`)
			p.Until(`getSelection().toString() === 'delegations'`)
		})
	}
}
