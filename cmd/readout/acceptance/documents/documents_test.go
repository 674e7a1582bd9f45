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

// replaced returns text with all occurrences of old replaced. It fails the test without one.
func replaced(t *testing.T, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q in:\n%s", old, text)
	}
	return strings.ReplaceAll(text, old, new)
}

// shell runs a script and returns its standard output.
func shell(t *testing.T, dir, script string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", script)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s\n%v\n%s%s", script, err, out, stderr.String())
	}
	return string(out)
}

// TestFirstPost follows the README from the demo to the first post. It runs the README's command with the token that
// the demo prints.
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
			t.Errorf("the demo ended with %v", err)
		}
	}()
	printed := map[string]string{} // values by name
	for lines := bufio.NewScanner(stdout); printed["Token"] == "" && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		printed[name] = strings.TrimSpace(value)
	}
	go io.Copy(io.Discard, stdout)
	blog := printed["Read"]
	address, _, found := strings.Cut(blog, "/live/")
	if !found || printed["Token"] == "" {
		t.Fatalf("the demo printed %q", printed)
	}

	script := documents.Commands(t, "README.md", "## A first post")
	script = replaced(t, script, "TOKEN=readout_…", "TOKEN="+printed["Token"])
	script = replaced(t, script, "http://127.0.0.1:8080", address)
	var entry struct {
		Number           int
		Headline, Status string
		Acts             []struct{ Track, To string }
	}
	answer := shell(t, "", replaced(t, script, "curl ", "curl --silent --show-error --noproxy '*' "))
	err = json.Unmarshal([]byte(answer), &entry)
	if err != nil || entry.Number == 0 || entry.Status != "published" || len(entry.Acts) != 1 {
		t.Fatalf("the answer to the post is %s (%v)", answer, err)
	}
	if page := get(t, blog).body; !strings.Contains(page, entry.Headline) {
		t.Error("the page does not show the entry")
	}
	if page := get(t, blog+"/board/"+entry.Acts[0].Track).body; !strings.Contains(page, "text circulating") {
		t.Error("the board does not show the move")
	}
}

// TestAnEventOfYourOwn follows the README from an empty database to an embed.
func TestAnEventOfYourOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := "sqlite:" + filepath.Join(dir, "readout.db")
	script := replaced(t, documents.Commands(t, "README.md", "## An event of your own"), "make build\n", "")
	script, serve, found := strings.Cut(script, "bin/readout serve ")
	if !found {
		t.Fatal("the README has no command that serves the event")
	}
	out := shell(t, dir, replaced(t, script, "bin/readout", binaries.Command(t).Path), "READOUT_DATABASE="+database)
	if !strings.Contains(out, "/live/talks") || !strings.Contains(out, "readout_") {
		t.Errorf("the commands print\n%s", out)
	}
	args := []string{"serve", "--listen", "127.0.0.1:0", "--database", database}
	p := binaries.Start(t, append(args, strings.Fields(serve)...)...)
	defer p.Stop(t)
	get(t, p.URL+"/live/talks")
	policy := get(t, p.URL+"/embed/talks").Header.Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "frame-ancestors https://news.example.org") {
		t.Errorf("the policy of the embed is %q", policy)
	}
}

type page struct {
	*http.Response
	body string
}

// get requests a page, and fails the test unless the status is 200.
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

// TestSettingsAreDocumented checks that the server and docs/running.md have the same environment variables.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	help, err := binaries.Command(t, "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`READOUT_[A-Z_]+`)
	has := slices.Sorted(slices.Values(variable.FindAllString(string(help), -1)))
	row := regexp.MustCompile("(?m)^\\| `(READOUT_[A-Z_]+)` \\| `--")
	var documented []string
	for _, found := range row.FindAllStringSubmatch(documents.Text(t, "docs/running.md"), -1) {
		documented = append(documented, found[1])
	}
	slices.Sort(documented)
	if has, documented := slices.Compact(has), slices.Compact(documented); !slices.Equal(has, documented) {
		t.Errorf("the server has the variables\n%q, and docs/running.md\n%q", has, documented)
	}
}

// all returns the texts of the documents in docs and the main ones in the root, by path.
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

// TestNamedTestsExist checks that the tests and benchmarks that documents name exist.
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
				t.Errorf("%s names %s, which does not exist", path, found)
			}
		}
	}
}

// TestLinks checks that the files and headings to which documents link exist.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`)
	links := 0
	for path, text := range all(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], ":") {
				continue // to another site
			}
			links++
			target := path
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(path), found[1])
			}
			linked, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			} else if found[2] != "" && !slices.Contains(anchors(string(linked)), found[2]) {
				t.Errorf("%s links to #%s, which %s does not have", path, found[2], target)
			}
		}
	}
	if links < 10 {
		t.Errorf("the documents have %d links, want 10 or more", links)
	}
}

// anchors returns the anchors that GitHub and others give the headings of a Markdown file.
func anchors(text string) (all []string) {
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(`[^\p{L}\p{N} -]`).ReplaceAllString(strings.ToLower(found[1]), "")
		all = append(all, strings.ReplaceAll(words, " ", "-"))
	}
	return all
}
