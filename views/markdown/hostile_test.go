package markdown

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// hostileText is Markdown that costs a converter more than its length suggests.
type hostileText struct{ name, body string }

// hostileTexts returns hostile texts of at most size bytes, most of them nearly as long. For each known way to make a
// converter's work, memory or output grow faster than its input there is one, together with variations of it.
func hostileTexts(size int) []hostileText {
	var list []hostileText
	add := func(name, body string) {
		list = append(list, hostileText{name, body[:min(len(body), size)]})
	}
	// fill repeats unit up to size bytes.
	fill := func(unit string) string { return strings.Repeat(unit, size/len(unit)) }
	// halves repeats first, and then second as many times.
	halves := func(first, second string) string {
		n := size / (len(first) + len(second))
		return strings.Repeat(first, n) + strings.Repeat(second, n)
	}
	repeated := []string{
		// Brackets.
		"[](", "[a](", "![](", "![", "[", "]", "[]", "![]", "[a]", "[a][", "[a][]", "[a]\n", "[a][b]\n", "[a](<",
		`[a](<\>`,
		"[a](b \"", "[a](b 'c", "[a](b (", "[a](b\n", "[a]()", "[a](()", "[\\]", "![[]()", "[[a](b)", "![a](b)",
		"[a](http://b)", "[a](b)*", "[*a](b)", "[`](", "[a](((((", "[a]:b\n", "[a]: b\n\n", "[a]:b \"c\n",
		"[a]:b 'c'\n", "[\na\n]: b\n", "[a]: <b>\n", "[a]\n: b\n",
		// Emphasis.
		"*", "**", "_", "__", "~", "~~", "*a", "*a ", "a*", "a* ", "*a_ ", "*a **a ", "a**b", "_a ", "a_b", "a_ ",
		"*a**", "**a*", "***a** b ", "~a ", "~~a ", "~a~", "~*_", "*_~", "*a _b ~c ", "a* b_ c~ ", "*a*", "**a**",
		"(*", "*)", "*中", "中*", "*a\n", "__a__b",
		// Code spans and entities.
		"`", "`a", "``a", "`` ` ", "`a`", "`\n", "\\`", "&", "&amp;", "&a", "&#", "&#1;", "&#x1;", "&lt;", "\"", "'",
		"<", ">", "<a", "<a:", "<a:b", "<a@b", "<a@b.c>", "<http://a>", "</a>", "<!--", "<?", "<![CDATA[",
		// Addresses.
		"www.", " www.", " www.a", "_www.", "_www.a", "~www._", "www.www.", "a@a", " a@a", " a@a.b", "*a@a.b",
		"_a@a.", "a@a@", "http://", " http://", "_http://", "*http://a", "(http://a.b", " http://a.b", " http://a.b/",
		"~http://a.b/~", " http://a.b/)", " ftp://a.b", " https://" + strings.Repeat("a", 256),
		" www." + strings.Repeat("a", 256), " http://" + strings.Repeat("a.", 128), " a@" + strings.Repeat("b", 63),
		" " + strings.Repeat("a", 63) + "@", " http://a.b/" + strings.Repeat(")", 200),
		" http://a.b/" + strings.Repeat("&a;", 60),
		// Blocks.
		"> ", ">", ">\n", "> a\n", ">\n\n", ">>>>>>>>\n\n", "- ", "-\n", "- a\n", "-\n\n", "- a\n\n", "* ", "+ ",
		"1. ", "1. a\n", "1) a\n2. b\n", "- > ", "> - ", "1. - > ", "-\t", "\n", "a\n", "a\n\n", "a  \n", "a\\\n",
		"\\", "\t", "\ta\n", "    a\n", "    a\n\n", " \n", "#", "# ", "# a\n", "#\n", "###### #\n", "a\n=\n",
		"a\n-\n", "=\n", "-", "---\n", "***\n", "* * *\n", "- - -", "```\n", "```\n\n", "~~~\n", "```a\n```\n", "~",
		"1", "1.", "123456789. a\n", "- a\n- b\n\n\n", "- a\n  - b\n", "* a\n+ b\n", "\x00", "\xff", "\xc3", "\r",
		"\r\n", "\u200b", "中", "é", "😀",
		// Tables.
		"|", "|\n", "|-\n", "|-|\n", "|\n-|\n", "|\n-|\n\n", "a|\n-|\n\n", "|a\n|-\n|\n\n", "-|", "|-", "|:-:", "\\|",
		"|`\\|`", "a|b\n", "-|-\n",
	}
	for _, unit := range repeated {
		add(fmt.Sprintf("%.24q repeated", unit), fill(unit))
		if !strings.HasSuffix(unit, "\n") && len(unit) < 10 {
			add(fmt.Sprintf("%q a line", unit), fill(unit+"\n"))
			add(fmt.Sprintf("%q a paragraph", unit), fill(unit+"\n\n"))
			add(fmt.Sprintf("%q an item", unit), fill("- "+unit+"\n"))
			add(fmt.Sprintf("%q a cell", unit), "|a|\n|-|\n"+fill("|"+unit+"\n"))
		}
	}
	for _, pair := range [][2]string{
		{"[", "]"}, {"[", "](a)"}, {"![", "](a)"}, {"*", "a*"}, {"**", "a**"}, {"*a ", "a* "}, {"*a _b ", "a* b_ "},
		{"a_b", "a* "}, {"(", ")"}, {"<", ">"}, {"`a", "a`"}, {"> ", "a"}, {"- ", "\n"}, {"~~a", "~~"}, {"*_", "a_*"},
		{"[a]\n", "[a]: b\n"}, {"a* ", "a** "}, {"**a* ", "b***c "},
	} {
		add(fmt.Sprintf("%q, then %q", pair[0], pair[1]), halves(pair[0], pair[1]))
	}
	for depth := range 9 {
		n := 4 << depth
		add(fmt.Sprintf("groups of %d brackets", n), fill(strings.Repeat("[", n)+"a"+strings.Repeat("]", n)))
		add(fmt.Sprintf("groups of %d links", n), fill(strings.Repeat("[", n)+"a"+strings.Repeat("](b)", n)))
		add(fmt.Sprintf("groups of %d pictures", n), fill(strings.Repeat("![", n)+"a"+strings.Repeat("](b)", n)))
		add(fmt.Sprintf("groups of %d emphases", n), fill(strings.Repeat("*_", n)+"a"+strings.Repeat("_*", n)+" "))
		add(fmt.Sprintf("runs of %d asterisks", n), fill(strings.Repeat("*", n)+"a "))
		add(fmt.Sprintf("quotes of %d", n), fill(strings.Repeat(">", n)+"\n\n"))
		add(fmt.Sprintf("lists of %d in a line", n), fill(strings.Repeat("- ", n)+"\n\n"))
		add(fmt.Sprintf("a list %d deep and empty lines", n),
			strings.Repeat("- ", n)+"a"+strings.Repeat("\n", max(0, size-2*n-1)))
		add(fmt.Sprintf("a quote %d deep and quoted lines", n), fill(strings.Repeat(">", n)+"\n"))
		add(fmt.Sprintf("brackets, then %d emphases", 100*n),
			strings.Repeat("[", size/66)+fill("*a*")[:min(300*n, size*9/10)]+strings.Repeat("]", size/66))
		columns := 8 * n
		head := strings.Repeat("|", columns+1) + "\n" + strings.Repeat("|-", columns) + "|\n"
		for _, row := range []string{"\n", "|\n", "a\n", " a|\n"} {
			if len(head) < size {
				add(fmt.Sprintf("a table of %d columns and rows %q", columns, row),
					head+strings.Repeat(row, (size-len(head))/len(row)))
			}
		}
		add(fmt.Sprintf("tables of %d columns", columns), fill(head+"\n"))
	}
	for _, n := range []int{size / 64, size / 16, size / 4, size / 2} {
		long := strings.Repeat("x", n)
		for _, use := range []string{"[a]", "[a][]", "[b][a]", "![a]", "[a]\n", "- [a]\n", "[a]\n\n"} {
			rest := strings.Repeat(use, max(0, size-n-40)/len(use))
			add(fmt.Sprintf("references %q to an address of %d", use, n), "[a]: http://a.b/"+long+"\n\n"+rest)
			add(fmt.Sprintf("references %q to a title of %d", use, n), "[a]: http://a.b '"+long+"'\n\n"+rest)
		}
		add(fmt.Sprintf("a label of %d and brackets", n), "["+long+"]: b\n\n"+fill("["))
	}
	// Backtick runs of all lengths, none of which closes another.
	var runs strings.Builder
	for n := 1; runs.Len()+n < size; n++ {
		runs.WriteString(strings.Repeat("`", n) + "a")
	}
	add("backtick runs of all lengths", runs.String())
	var down strings.Builder
	for n := 350; n > 0; n-- {
		down.WriteString(strings.Repeat("`", n) + "a")
	}
	add("backtick runs of all lengths, downwards", down.String())
	var fences strings.Builder
	for n := 3; fences.Len()+n < size; n++ {
		fences.WriteString(strings.Repeat("`", n) + "\n")
	}
	add("fences of all lengths", fences.String())
	add("a long paragraph, then a delimiter row", fill("a\n")[:size-10]+"|-|\n")
	add("a long paragraph of pipes, then a delimiter row", strings.Repeat("|||||||\n", size/8-3)+"|-|-|-|-|-|-|\n")
	add("delimiter rows that no header has", fill("|-|-|\n"))
	var definitions strings.Builder
	for i := 0; definitions.Len() < size; i++ {
		fmt.Fprintf(&definitions, "[%d]: b\n", i)
	}
	add("different definitions", definitions.String())
	add("cells with escaped pipes in code", "|a|\n|-|\n"+fill("|`\\|`|\n"))
	add("one cell of escaped pipes in code", "|a|\n|-|\n|`"+fill("\\|")[:size*9/10]+"`|\n")
	// Random mixtures of special characters.
	r := rand.New(rand.NewPCG(1, 2))
	for _, alphabet := range []string{
		"*_~a ", "[]()a", "[]()!*_`<>a \n", "`a\n", "|-:a\n", "> -*+1.\n a", "*_~[]()`<>&|#-=+.!:@/wh \na\t\\\"'",
		"a@.: /w_*~(", "[]: a'\"\n(<>)",
	} {
		for range 3 {
			b := make([]byte, size)
			for i := range b {
				b[i] = alphabet[r.IntN(len(alphabet))]
			}
			add(fmt.Sprintf("a mixture of %q", alphabet), string(b))
		}
	}
	return list
}
