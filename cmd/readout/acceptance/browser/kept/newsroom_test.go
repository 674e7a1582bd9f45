package kept_test

import (
	"path/filepath"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/store"

	"github.com/chromedp/chromedp"
)

const (
	email    = "editor@paper.example"
	password = "a password for the tests of working copies"
)

// newsroom is a server in a process of its own, and an editor.
type newsroom struct {
	t        *testing.T
	database string
	process  *program.Process
	user     string // the editor's ID
}

// newNewsroom starts a server on a free port.
func newNewsroom(t *testing.T) *newsroom {
	t.Helper()
	n := &newsroom{t: t, database: "sqlite:" + filepath.Join(t.TempDir(), "readout.db")}
	n.look(func(s liveblog.Store) {
		program.Prepare(t, s)
		user, err := server.NewAccounts(s).AddUser(t.Context(), program.Operator(),
			liveblog.NewUser{Email: email, Name: "The editor", Role: liveblog.Editor, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		n.user = user.ID
	})
	n.process = binaries.Start(t, "serve", "--database", n.database, "--listen", "127.0.0.1:0")
	return n
}

// kill kills the server.
func (n *newsroom) kill() { n.process.Kill(n.t) }

// startAgain starts the server at the address that it had.
func (n *newsroom) startAgain() {
	n.t.Helper()
	address := strings.TrimPrefix(n.process.URL, "http://")
	n.process = binaries.Start(n.t, "serve", "--database", n.database, "--listen", address)
}

// look calls do with the server's database.
func (n *newsroom) look(do func(liveblog.Store)) {
	n.t.Helper()
	s, err := store.Open(n.t.Context(), n.database)
	if err != nil {
		n.t.Fatal(err)
	}
	defer s.Close()
	do(s)
}

// kept returns the newest text that the server has of what the editor typed.
func (n *newsroom) kept() (text string) {
	n.t.Helper()
	n.look(func(s liveblog.Store) {
		list, err := s.Copies(n.t.Context(), n.user, "summit", 1)
		if err != nil || len(list) == 0 {
			return
		}
		w, err := s.Copy(n.t.Context(), n.user, list[0].ID)
		if err != nil {
			n.t.Fatal(err)
		}
		text = w.Fields["body"]
	})
	return text
}

// endSessions ends the editor's sessions, as time does.
func (n *newsroom) endSessions() {
	n.t.Helper()
	n.look(func(s liveblog.Store) {
		a := liveblog.Audit{At: s.Now(), Action: "session.end"}
		if _, err := s.EndSessions(n.t.Context(), n.user, liveblog.EndedSessions{}, a); err != nil {
			n.t.Fatal(err)
		}
	})
}

// logIn logs the editor in, and opens the blog's page.
func (n *newsroom) logIn(tab *browser.Tab) {
	n.t.Helper()
	tab.ExpectFailedRequests() // the tests take away servers, networks and sessions
	tab.GoTo(n.process.URL + "/login?next=/desk/summit")
	tab.Do(chromedp.SendKeys("#login-email", email), chromedp.SendKeys("#login-password", password),
		chromedp.Click("button[type=submit]"))
	n.ready(tab)
}

// open opens the blog's page.
func (n *newsroom) open(tab *browser.Tab) {
	n.t.Helper()
	tab.ExpectFailedRequests()
	tab.GoTo(n.process.URL + "/desk/summit")
	n.ready(tab)
}

// ready waits until the page has asked whether the server can be reached, which it does when its script has started.
func (n *newsroom) ready(tab *browser.Tab) {
	n.t.Helper()
	tab.Until(`document.querySelector("[data-light]")?.dataset.state === "connected"`)
}
