package documents_test

import (
	"bufio"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/documents"
	"readout/cmd/readout/acceptance/program"
)

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

// replaced returns a text with one part replaced, which must be there.
func replaced(t *testing.T, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q in:\n%s", old, text)
	}
	return strings.ReplaceAll(text, old, new)
}

// shell runs commands and returns their output.
func shell(t *testing.T, dir, script string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", script)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s\n%v\n%s%s", script, err, out, complaints.String())
	}
	return string(out)
}

// TestFirstPost follows the README from the demo to the first post. It is red where the demo prints no token, or where the
// command cannot be pasted.
func TestFirstPost(t *testing.T) {
	t.Parallel()
	demo := binaries.Command(t, "demo", "--listen", "127.0.0.1:0", "--every", "1h")
	stdout, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(program.Patience, func() { demo.Process.Kill() })
	defer func() {
		late.Stop()
		demo.Process.Signal(syscall.SIGTERM)
		if err := demo.Wait(); err != nil {
			t.Errorf("the demo ends with %v", err)
		}
	}()
	said := map[string]string{}
	for lines := bufio.NewScanner(stdout); said["Token"] == "" && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		said[name] = strings.TrimSpace(value)
	}
	go io.Copy(io.Discard, stdout)
	blog := said["Read"]
	address, _, found := strings.Cut(blog, "/live/")
	if !found || said["Token"] == "" {
		t.Fatalf("the demo says %q", said)
	}

	script := documents.Commands(t, "README.md", "## A first post")
	script = replaced(t, script, "TOKEN=readout_…", "TOKEN="+said["Token"])
	script = replaced(t, script, "http://127.0.0.1:8080", address)
	var entry struct {
		Number           int
		Headline, Status string
		Acts             []struct{ Track, To string }
	}
	answer := shell(t, "", replaced(t, script, "curl ", "curl --silent --show-error --noproxy '*' "))
	if err := json.Unmarshal([]byte(answer), &entry); err != nil || entry.Number == 0 || entry.Status != "published" || len(entry.Acts) != 1 {
		t.Fatalf("the post is answered with %s (%v)", answer, err)
	}
	if page := get(t, blog).body; !strings.Contains(page, entry.Headline) {
		t.Error("the page does not show the entry")
	}
	if page := get(t, blog+"/board/"+entry.Acts[0].Track).body; !strings.Contains(page, "text circulating") {
		t.Error("the board does not show the move")
	}
}

// TestAnEventOfYourOwn follows the README from nothing to an embed.
func TestAnEventOfYourOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := "sqlite:" + filepath.Join(dir, "readout.db")
	script := replaced(t, documents.Commands(t, "README.md", "## An event of your own"), "make build\n", "")
	script, serve, found := strings.Cut(script, "bin/readout serve ")
	if !found {
		t.Fatal("the README does not serve the event")
	}
	out := shell(t, dir, replaced(t, script, "bin/readout", binaries.Command(t).Path), "READOUT_DATABASE="+database)
	if !strings.Contains(out, "/live/talks") || !strings.Contains(out, "readout_") {
		t.Errorf("the commands print\n%s", out)
	}
	p := binaries.Start(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--database", database}, strings.Fields(serve)...)...)
	defer p.Stop(t)
	get(t, p.URL+"/live/talks")
	if policy := get(t, p.URL+"/embed/talks").Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors https://news.example.org") {
		t.Errorf("the policy of the embed is %q", policy)
	}
}

type page struct {
	*http.Response
	body string
}

// get reads a page, which must be there.
func get(t *testing.T, url string) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s (%v)", url, res.Status, err)
	}
	return page{res, string(body)}
}

// TestSettingsAreDocumented is red where the server has a variable that docs/running.md does not name, or the other way round.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	help, err := binaries.Command(t, "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`READOUT_[A-Z_]+`)
	has := slices.Sorted(slices.Values(variable.FindAllString(string(help), -1)))
	row := regexp.MustCompile("(?m)^\\| `(READOUT_[A-Z_]+)` \\| `--")
	var told []string
	for _, found := range row.FindAllStringSubmatch(documents.Text(t, "docs/running.md"), -1) {
		told = append(told, found[1])
	}
	slices.Sort(told)
	if has, told := slices.Compact(has), slices.Compact(told); !slices.Equal(has, told) {
		t.Errorf("the server has the variables\n%q, and docs/running.md\n%q", has, told)
	}
}

// all returns the documents that people read first, by their paths.
func all(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(program.Path("docs/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"} {
		paths = append(paths, program.Path(name))
	}
	texts := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

// TestNamedTestsExist is red where a document gives a command for a test or a benchmark that has another name by now.
func TestNamedTestsExist(t *testing.T) {
	t.Parallel()
	function := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w+)\(`)
	exist := map[string]bool{}
	err := filepath.WalkDir(program.Path("."), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range function.FindAllSubmatch(source, -1) {
			exist[string(found[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`\b(?:Test|Benchmark|Fuzz)[A-Z]\w+`)
	for path, text := range all(t) {
		for _, found := range name.FindAllString(text, -1) {
			if !exist[found] {
				t.Errorf("%s names %s, which is nowhere", path, found)
			}
		}
	}
}

// TestLinksLead is red where a document leads to a file or a heading that is not there.
func TestLinksLead(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`)
	links := 0
	for path, text := range all(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], ":") {
				continue // of another site
			}
			links++
			target := path
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(path), found[1])
			}
			led, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			} else if found[2] != "" && !slices.Contains(anchors(string(led)), found[2]) {
				t.Errorf("%s leads to #%s, which %s does not have", path, found[2], target)
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links were found", links)
	}
}

// anchors returns what links to the headings of a Markdown file end with, as forges make them.
func anchors(text string) (all []string) {
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(`[^\p{L}\p{N} -]`).ReplaceAllString(strings.ToLower(found[1]), "")
		all = append(all, strings.ReplaceAll(words, " ", "-"))
	}
	return all
}
