// Package clocks tests nodes whose clocks are wrong.
package clocks

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/store"
	"readout/store/postgrestest"
)

var (
	binaries program.Binaries
	postgres postgrestest.Shared
)

func TestMain(m *testing.M) { os.Exit(binaries.Around(postgres.Around(m))) }

// By default the database's clock differs from that of both nodes. A soak sets the clock of one node instead, for which
// it builds the program with another package time.
var nodeClock = flag.Bool("node-clock", false, "set the clock of the second node instead of the database's")

// nodes are two nodes on one database.
type nodes struct {
	*testing.T
	url    string
	skew   time.Duration // of the database's clock or of the second node's
	all    [2]*program.Process
	store  liveblog.Store
	token  string
	client *http.Client // with the cookies of a browser
}

const (
	email    = "ana@paper.example"
	password = "a password of many words"
)

func startNodes(t *testing.T, skew time.Duration) *nodes {
	n := &nodes{T: t, url: postgres.Migrated(t, store.Migrate), skew: skew}
	if !*nodeClock {
		postgres.Server(t).SetClock(t, n.url, skew)
	}
	var err error
	if n.store, err = store.Open(t.Context(), n.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.store.Close() })
	_, n.token = program.Prepare(t, n.store)
	accounts := server.NewAccounts(n.store)
	_, err = accounts.AddUser(t.Context(), program.Operator(),
		liveblog.NewUser{Email: email, Name: "Ana Ruiz", Role: liveblog.Editor, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil)
	n.client = &http.Client{Jar: jar, Timeout: program.Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(n.client.CloseIdleConnections)
	for i := range n.all {
		n.start(i)
	}
	return n
}

// start starts a node; only the second one's clock is ever wrong.
func (n *nodes) start(i int) {
	args := []string{"serve", "--listen", "127.0.0.1:0", "--database", n.url + "&pool_max_conns=6", "--base-url",
		"http://live.example"}
	if *nodeClock && i == 1 {
		n.all[i] = binaries.StartSkewed(n.T, n.skew, args...)
	} else {
		n.all[i] = binaries.Start(n.T, args...)
	}
	n.Cleanup(func() { n.all[i].Client.CloseIdleConnections() })
}

// now returns the database's time.
func (n *nodes) now() time.Time {
	if *nodeClock {
		return time.Now()
	}
	return time.Now().Add(n.skew)
}

// tolerance is how exactly a node knows the database's time on a busy machine, and still far below the smallest skew.
const tolerance = time.Second

// during calls f and returns a function that checks that times lie within the call, by the database's clock.
func (n *nodes) during(f func()) func(what string, at time.Time) {
	n.Helper()
	from := n.now().Add(-tolerance)
	f()
	to := n.now().Add(tolerance)
	return func(what string, at time.Time) {
		n.Helper()
		if at.Before(from) || at.After(to) {
			n.Errorf("%s is %v, not between %v and %v", what, at, from, to)
		}
	}
}

// do sends a request to a node and returns the answer and its body.
func (n *nodes) do(i int, method, path, body string, header ...string) (*http.Response, string) {
	n.Helper()
	req, err := http.NewRequestWithContext(n.Context(), method, n.all[i].URL+path, strings.NewReader(body))
	if err != nil {
		n.Fatal(err)
	}
	for j := 0; j < len(header); j += 2 {
		req.Header.Set(header[j], header[j+1])
	}
	res, err := n.client.Do(req)
	if err != nil {
		n.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		n.Fatal(err)
	}
	return res, string(text)
}

// entry is an entry in the API.
type entry struct {
	Number    int
	Published time.Time `json:"published_at"`
	Updated   time.Time `json:"updated_at"`
}

// api sends a request to a node's API and returns the entry in the answer, and whether it answers an earlier request.
func (n *nodes) api(i int, method, path, body, key string) (e entry, replayed bool) {
	n.Helper()
	header := []string{"Authorization", "Bearer " + n.token, "Content-Type", "application/json"}
	if key != "" {
		header = append(header, "Idempotency-Key", key)
	}
	res, text := n.do(i, method, "/api/v1/blogs/summit/entries"+path, body, header...)
	if res.StatusCode/100 != 2 {
		n.Fatalf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		n.Fatal(err)
	}
	return e, res.Header.Get("Idempotency-Replayed") == "true"
}

// TestNodesWithWrongClocks writes through two nodes in turn and checks that times, dates and validators are the
// database's on both, that sessions and idempotency keys of one are good on the other, and that a node that starts
// deletes neither. The test fails if any of these is taken from a node's clock.
func TestNodesWithWrongClocks(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{3 * time.Second, -3 * time.Second, 24 * time.Hour, -24 * time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			n := startNodes(t, skew)
			n.wantOneTime()
			n.wantSameAnswers()
			n.wantLastingSessionsAndKeys()
			n.wantComplaint()
		})
	}
}

// wantOneTime checks the times of entries that both nodes write in turn.
func (n *nodes) wantOneTime() {
	var e entry
	within := n.during(func() { e, _ = n.api(0, "POST", "", `{"body":"Tariffs fall to 10 %."}`, "first") })
	within("the publication", e.Published)
	last := e
	for i, body := range []string{`{"body":"Tariffs fall to 20 %.","correction":"It is 20 %."}`,
		`{"headline":"Tariffs"}`, `{"headline":"Tariffs fall"}`} {
		within = n.during(func() { e, _ = n.api((i+1)%2, "PATCH", "/1", body, "") })
		within("an edit", e.Updated)
		if !e.Updated.After(last.Updated) || !e.Published.Equal(last.Published) {
			n.Errorf("edit %d: published at %v and updated at %v, after %v and %v", i, e.Published, e.Updated,
				last.Published, last.Updated)
		}
		last = e
	}
	within = n.during(func() { e, _ = n.api(1, "POST", "", `{"body":"The talks go on."}`, "second") })
	within("the publication", e.Published)
}

// wantSameAnswers checks that readers get the same from both nodes.
func (n *nodes) wantSameAnswers() {
	for _, path := range []string{
		"/live/summit", "/live/summit/1", "/live/summit/corrections", "/live/summit/feed.atom", "/live/summit/feed.rss",
		"/live/summit/feed.json", "/live/summit/changes", "/sitemap.xml", "/sitemap-news.xml",
	} {
		var answers [2]*http.Response
		var bodies [2]string
		for i := range n.all {
			within := n.during(func() {
				answers[i], bodies[i] = n.do(i, "GET", path, "", "Accept-Encoding", "identity")
			})
			date, err := http.ParseTime(answers[i].Header.Get("Date"))
			if err != nil {
				n.Errorf("node %d: the Date of %s: %v", i, path, err)
			}
			within("the Date of "+path, date)
			if at := answers[i].Header.Get("Last-Modified"); at != "" {
				if modified, err := http.ParseTime(at); err != nil || modified.After(date) {
					n.Errorf("node %d: %s was modified at %s, after its Date %v", i, path, at, date)
				}
			}
		}
		for _, name := range []string{"ETag", "Last-Modified"} {
			if a, b := answers[0].Header.Get(name), answers[1].Header.Get(name); a != b {
				n.Errorf("the %s of %s is %q on one node and %q on the other", name, path, a, b)
			}
		}
		if bodies[0] != bodies[1] || answers[0].StatusCode != 200 {
			n.Errorf("%s: the nodes answer %d and %d with different bodies", path, answers[0].StatusCode,
				answers[1].StatusCode)
		}
		if path == "/sitemap-news.xml" && !strings.Contains(bodies[0], "/live/summit/1") {
			n.Errorf("the news sitemap lacks the entry: %s", bodies[0])
		}
	}
}

// wantLastingSessionsAndKeys logs in at each node, restarts both, and checks that each knows the other's session and
// idempotency keys.
func (n *nodes) wantLastingSessionsAndKeys() {
	jars := [2]http.CookieJar{}
	for i := range n.all {
		jars[i], _ = cookiejar.New(nil)
		n.client.Jar = jars[i]
		form := url.Values{"email": {email}, "password": {password}}.Encode()
		res, text := n.do(i, "POST", "/login", form, "Content-Type", "application/x-www-form-urlencoded", "Origin",
			"http://live.example")
		if res.StatusCode != http.StatusSeeOther {
			n.Fatalf("node %d: the login answers %s: %s", i, res.Status, text)
		}
	}
	for i := range n.all {
		n.all[i].Stop(n.T)
		n.expired(i)
		n.start(i)
		program.Await(n.T, "the node has deleted what has expired", func() bool {
			_, _, err := n.store.SessionUser(n.Context(), fmt.Sprint("expired at ", i))
			return liveblog.CodeOf(err) == liveblog.NotFound
		})
	}
	for i := range n.all {
		for j, jar := range jars {
			n.client.Jar = jar
			if res, _ := n.do(i, "GET", "/desk", ""); res.StatusCode != http.StatusOK {
				n.Errorf("node %d answers a session of node %d with %s", i, j, res.Status)
			}
		}
		for key, body := range map[string]string{"first": `{"body":"Tariffs fall to 10 %."}`,
			"second": `{"body":"The talks go on."}`} {
			if e, replayed := n.api(i, "POST", "", body, key); !replayed || e.Number > 2 {
				n.Errorf("node %d: the repeated key %q makes entry %d", i, key, e.Number)
			}
		}
	}
}

// expired adds a session that has just expired by the database's clock.
func (n *nodes) expired(i int) {
	n.Helper()
	u, err := n.store.UserByEmail(n.Context(), email)
	if err == nil {
		err = n.store.CreateSession(n.Context(), liveblog.Session{Hash: fmt.Sprint("expired at ", i), UserID: u.ID,
			CreatedAt: n.now().Add(-13 * time.Hour), ExpiresAt: n.now().Add(-time.Minute)})
	}
	if err != nil {
		n.Fatal(err)
	}
}

// wantComplaint checks that each node whose clock differs from the database's tells operators so.
func (n *nodes) wantComplaint() {
	for i := range n.all {
		wrong := i == 1 || !*nodeClock
		_, text := n.do(i, "GET", "/readyz", "")
		if strings.Contains(text, "The clock of this node is ") != wrong {
			n.Errorf("node %d: /readyz says %q", i, text)
		}
		n.all[i].Stop(n.T)
		if log := n.all[i].Stderr.String(); strings.Contains(log, "The clock of this node is ") != wrong {
			n.Errorf("node %d logged %s", i, log)
		}
	}
}
