package faults

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
)

// accessEnds is how soon after a person is disabled, or a token revoked, no node lets them in.
const accessEnds = 5 * time.Second

// desk is a browser that is logged in at one node.
type desk struct {
	t      *testing.T
	node   *clusterNode
	client *http.Client
}

const password = "correct horse battery"

// logIn logs a user in at a node.
func logIn(t *testing.T, n *clusterNode, email string) *desk {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t, n, &http.Client{Jar: jar, Timeout: program.Patience}}
	if status, _ := d.post("/login", url.Values{"email": {email}, "password": {password}}); status != http.StatusOK {
		t.Fatalf("the login of %s is answered with %d", email, status)
	}
	return d
}

func (d *desk) do(req *http.Request) (status int, body string) {
	d.t.Helper()
	res, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// get returns the status of the page that a path leads to, and its text. Without a session that is the login.
func (d *desk) get(path string) (status int, body string) {
	d.t.Helper()
	req, err := http.NewRequest("GET", "http://"+d.node.address+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.do(req)
}

func (d *desk) post(path string, form url.Values) (status int, body string) {
	d.t.Helper()
	req, err := http.NewRequest("POST", "http://"+d.node.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.do(req)
}

// TestClusterEndsAccess disables a person and revokes a token at the desk of one node while Redis is dead. It fails if
// the other node lets the person's session or tokens in five seconds later.
func TestClusterEndsAccess(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{})
	accounts := server.NewAccounts(c.store)
	ids := map[string]string{}
	for _, name := range []string{"boss", "leaver"} {
		u, err := accounts.AddUser(t.Context(), program.Operator(), liveblog.NewUser{Email: name + "@example.org",
			Name: name, Role: liveblog.Admin, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = u.ID
	}
	token := func(by liveblog.Actor, name string) string {
		t.Helper()
		secret, err := accounts.AddToken(t.Context(), by, liveblog.NewToken{Name: name, Role: liveblog.Editor})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	owned := token(liveblog.Actor{ID: ids["leaver"], Name: "leaver", Role: liveblog.Admin}, "owned")
	revoked := token(program.Operator(), "revoked")
	here, there := logIn(t, c.nodes[0], "boss@example.org"), logIn(t, c.nodes[1], "leaver@example.org")
	let := func() (in []string) {
		if _, body := there.get("/desk"); !strings.Contains(body, `name="password"`) {
			in = append(in, "the session")
		}
		for name, secret := range map[string]string{"the person's token": owned, "the revoked token": revoked} {
			req, err := http.NewRequest("GET", "http://"+c.nodes[1].address+"/api/v1/blogs", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+secret)
			if status, _ := there.do(req); status != http.StatusUnauthorized {
				in = append(in, name)
			}
		}
		return in
	}
	if in := let(); len(in) != 3 {
		t.Fatalf("before, only %v are let in", in)
	}
	c.redis.Kill()
	csrf := func(page string) string {
		t.Helper()
		found := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("the page has no form: %.500s", page)
		}
		return found[1]
	}
	_, page := here.get("/admin/members")
	if status, body := here.post("/admin/members", url.Values{"csrf": {csrf(page)}, "action": {"disable"},
		"user": {ids["leaver"]}}); status != http.StatusOK {
		t.Fatalf("disabling is answered with %d: %.500s", status, body)
	}
	list, err := accounts.Tokens(t.Context(), program.Operator())
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range list {
		if known.Name != "revoked" {
			continue
		}
		if status, body := here.post("/admin/tokens", url.Values{"csrf": {csrf(page)}, "action": {"revoke"},
			"token": {known.ID}}); status != http.StatusOK {
			t.Fatalf("revoking is answered with %d: %.500s", status, body)
		}
	}
	ended := time.Now()
	for in := let(); len(in) > 0; in = let() {
		if time.Since(ended) > accessEnds {
			t.Fatal(fmt.Sprint(in, " are let in after ", accessEnds))
		}
	}
}
