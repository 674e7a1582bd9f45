package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asvsSections says how many requirements of levels 1 and 2 each section of OWASP ASVS 5.0.0 has. Within a section they
// come before those of level 3.
var asvsSections = map[string]int{
	"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
	"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
	"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
	"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
	"9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
	"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4,
	"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
	"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}

// expand returns the requirements that a row names: one, or all of a section or a chapter.
func expand(name string) (requirements []string) {
	for section, n := range asvsSections {
		for i := 1; i <= n; i++ {
			if r := fmt.Sprint(section, ".", i); r == name || strings.HasPrefix(r, name+".") {
				requirements = append(requirements, r)
			}
		}
	}
	return requirements
}

// requirementRow is a row of docs/security.md.
type requirementRow struct{ names, asks, answer string }

// requirementRows returns the rows of a text's tables that begin with the number of a requirement. A comment may follow
// the row.
func requirementRows(text string) (rows []requirementRow) {
	row := regexp.MustCompile(`(?m)^\| ([\d., ]+) \| (.*?) \| (.*?) \|(?: <!-- .* -->)?$`)
	for _, found := range row.FindAllStringSubmatch(text, -1) {
		rows = append(rows, requirementRow{found[1], found[2], found[3]})
	}
	return rows
}

var (
	namedTest  = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	namedTests = regexp.MustCompile("((?:(?:, )?`(?:Test|Fuzz)\\w+`)+) in `([a-z/]+)`")
	reason     = regexp.MustCompile(`(?:^|; )(?:open|does not apply): \w.{10}`)
	section    = regexp.MustCompile(`(?:^|; )documented: \[[^\]]+\]\(([a-z.]*)#([a-z0-9-]+)\)`)
)

// problemsOf returns what is wrong with the rows of a text. exists reports whether a package has a test, and documented
// whether a document has a heading with an anchor.
func problemsOf(text string, exists func(pkg, test string) bool, documented func(file, anchor string) bool) (
	problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	for _, row := range requirementRows(text) {
		for name := range strings.SplitSeq(row.names, ", ") {
			requirements := expand(name)
			if len(requirements) == 0 {
				add("%s is no requirement of level 1 or 2", name)
			}
			for _, r := range requirements {
				if seen[r] {
					add("%s is listed twice", r)
				}
				seen[r] = true
			}
		}
		if strings.TrimSpace(row.asks) == "" {
			add("%s does not say what it asks", row.names)
		}
		tests := 0
		for _, group := range namedTests.FindAllStringSubmatch(row.answer, -1) {
			for _, test := range namedTest.FindAllStringSubmatch(group[1], -1) {
				if tests++; !exists(group[2], test[1]) {
					add("%s: %s has no test %s", row.names, group[2], test[1])
				}
			}
		}
		named := len(namedTest.FindAllString(row.answer, -1))
		if named != tests {
			add("%s names %d tests, and the package of %d", row.names, named, tests)
		}
		links := section.FindAllStringSubmatch(row.answer, -1)
		for _, link := range links {
			if !documented(link[1], link[2]) {
				add("%s: %s has no heading #%s", row.names, link[1], link[2])
			}
		}
		if named == 0 && len(links) == 0 && !reason.MatchString(row.answer) {
			add("%s has no answer: %q", row.names, row.answer)
		}
	}
	for section := range maps.Keys(asvsSections) {
		for _, r := range expand(section) {
			if !seen[r] {
				add("%s is missing", r)
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// TestSecurityDocument checks docs/security.md. It fails if a named test is renamed or deleted, if a requirement is
// missing or listed twice, or if a row has no answer.
func TestSecurityDocument(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]map[string]bool{}
	exists := func(pkg, test string) bool {
		if packages[pkg] == nil {
			packages[pkg] = testsIn(t, filepath.Join(root, filepath.FromSlash(pkg)))
		}
		return packages[pkg][test]
	}
	documented := func(file, anchor string) bool {
		path := filepath.Join(root, "docs", file)
		if file == "" {
			path = filepath.Join(root, "docs", "security.md")
		}
		text, err := os.ReadFile(path)
		return err == nil && slices.Contains(anchorsOf(string(text)), anchor)
	}
	for _, problem := range problemsOf(string(text), exists, documented) {
		t.Error(problem)
	}
}

// testsIn returns the names of the tests and fuzz tests in a folder.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}

// anchorsOf returns the anchors of a Markdown file's headings.
func anchorsOf(text string) (anchors []string) {
	for _, found := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(`[^\p{L}\p{N} -]`).ReplaceAllString(strings.ToLower(found[1]), "")
		anchors = append(anchors, strings.ReplaceAll(words, " ", "-"))
	}
	return anchors
}

// TestSecurityDocumentIsChecked fails if the check of the document no longer finds one of these faults.
func TestSecurityDocumentIsChecked(t *testing.T) {
	t.Parallel()
	exists := func(pkg, test string) bool { return pkg == "handlers" && test == "TestHSTS" }
	documented := func(file, anchor string) bool { return file == "running.md" && anchor == "settings" }
	for row, want := range map[string]string{
		"3.4.1 | HSTS | `TestHSTS` in `handlers` |":                    "",
		"3.4.1 | HSTS | `TestHSTS` in `handlers`; open: the level 2 |": "",
		"3.4.1 | HSTS | open: being built |":                           "",
		"3.4.1 | HSTS | open: being built | <!-- people -->":           "",
		"3.4.1 | HSTS | does not apply: there is none |":               "",
		"3.4.1 | HSTS | documented: [settings](running.md#settings) |": "",
		"3.4.1 | HSTS | documented: [settings](running.md#nothing) |":  "3.4.1: running.md has no heading #nothing",
		"3.4.1 | HSTS | `TestGone` in `handlers` |":                    "3.4.1: handlers has no test TestGone",
		"3.4.1 | HSTS | `TestHSTS`, `TestGone` in `handlers` |":        "3.4.1: handlers has no test TestGone",
		"3.4.1 | HSTS | `TestHSTS` in `store` |":                       "3.4.1: store has no test TestHSTS",
		"3.4.1 | HSTS | `TestHSTS` |":                                  "3.4.1 names 1 tests, and the package of 0",
		"3.4.1 | HSTS | yes |":                                         `3.4.1 has no answer: "yes"`,
		"3.4.1 | HSTS | open: |":                                       `3.4.1 has no answer: "open:"`,
		"3.4.1 |  | open: being built |":                               "3.4.1 does not say what it asks",
		"3.4.1, 3.4.1 | HSTS | open: being built |":                    "3.4.1 is listed twice",
		"3.4.1, 3.4 | HSTS | open: being built |":                      "3.4.1 is listed twice",
		"3.4.9 | reports | open: being built |":                        "3.4.9 is no requirement of level 1 or 2",
	} {
		all := slices.DeleteFunc(problemsOf("| "+row, exists, documented),
			func(p string) bool { return strings.HasSuffix(p, " is missing") })
		if got := strings.Join(all, "; "); got != want {
			t.Errorf("%s: the problems are %q, want %q", row, got, want)
		}
	}
	all := problemsOf("| 3.4 | headers | open: being built |", exists, documented)
	if slices.Contains(all, "3.4.1 is missing") || !slices.Contains(all, "3.5.1 is missing") {
		t.Errorf("the missing requirements are %q", all)
	}
}
