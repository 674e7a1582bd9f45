package browser

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"

	"github.com/fasthttp/websocket"
)

// Firefox is a tab in a Firefox of its own, over WebDriver BiDi. It may be used only by the goroutine of its test.
type Firefox struct {
	t    *testing.T
	conn *websocket.Conn
	last int    // the id of the last command
	tab  string // the id of the browsing context
}

// quiet are preferences that keep Firefox from reaching other hosts, and from slowing down a tab without the focus.
const quiet = `user_pref("app.update.disabledForTesting", true);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("dom.ipc.processPrelaunch.enabled", false);
user_pref("dom.min_background_timeout_value", 4);
user_pref("dom.timeout.enable_budget_timer_throttling", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,#");
user_pref("startup.homepage_welcome_url", "about:blank");
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
`

var listening = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)

// OpenFirefox starts Firefox with an empty tab. It stops when the test ends. If Firefox is not installed, the function
// skips the test, or fails it in CI.
func OpenFirefox(t *testing.T) *Firefox {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		path, err = exec.LookPath("firefox")
	}
	if err != nil {
		program.Missing(t, "Firefox is not installed: run apt-get install firefox-esr")
	}
	profile := t.TempDir()
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(quiet), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0")
	c.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	output, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	address, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
	}()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		<-drained
		_ = c.Wait() // its error is that it was killed
	})
	p := &Firefox{t: t}
	select {
	case a := <-address:
		p.conn, _, err = websocket.DefaultDialer.Dial(a+"/session", nil)
	case <-drained:
		err = fmt.Errorf("it has ended")
	case <-time.After(Patience):
		err = fmt.Errorf("it does not listen")
	}
	if err != nil {
		t.Fatalf("starting Firefox: %v", err)
	}
	// Cleanups run in reverse order, so Firefox closes its tab and writes its profile before it is killed.
	t.Cleanup(func() {
		p.send("browser.close", map[string]any{}, nil)
		p.conn.Close()
		<-drained
	})
	p.send("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	var created struct{ Context string }
	p.send("browsingContext.create", map[string]any{"type": "tab"}, &created)
	p.tab = created.Context
	return p
}

// send sends a command and decodes its result.
func (p *Firefox) send(method string, params map[string]any, result any) {
	p.t.Helper()
	if err := p.call(method, params, result); err != nil {
		p.t.Fatalf("Firefox: %s %v: %v", method, params, err)
	}
}

// call is send that returns an error.
func (p *Firefox) call(method string, params map[string]any, result any) error {
	p.last++
	deadline := time.Now().Add(Patience)
	_ = p.conn.SetWriteDeadline(deadline)
	_ = p.conn.SetReadDeadline(deadline)
	if err := p.conn.WriteJSON(map[string]any{"id": p.last, "method": method, "params": params}); err != nil {
		return err
	}
	for {
		var answer struct {
			ID             int
			Error, Message string
			Result         json.RawMessage
		}
		if err := p.conn.ReadJSON(&answer); err != nil {
			return err
		}
		switch {
		case answer.ID != p.last: // an event
		case answer.Error != "":
			return fmt.Errorf("%s: %s", answer.Error, answer.Message)
		case result != nil:
			return json.Unmarshal(answer.Result, result)
		default:
			return nil
		}
	}
}

// Size sets the size of the viewport, in pixels.
func (p *Firefox) Size(width, height int64) {
	p.t.Helper()
	p.send("browsingContext.setViewport", map[string]any{
		"context": p.tab, "viewport": map[string]any{"width": width, "height": height},
	}, nil)
}

// GoTo opens an address and returns when the page has loaded.
func (p *Firefox) GoTo(address string) {
	p.t.Helper()
	p.send("browsingContext.navigate", map[string]any{"context": p.tab, "url": address, "wait": "complete"}, nil)
}

// evaluate returns the value of an expression in the page. If that is a promise, evaluate waits for it.
func (p *Firefox) evaluate(expression string, value any) error {
	var answer struct {
		Type             string
		ExceptionDetails struct{ Text string }
		Result           struct{ Value json.RawMessage }
	}
	err := p.call("script.evaluate", map[string]any{
		// As JSON, since BiDi has its own form for objects and for numbers such as NaN.
		"expression":   "(async () => JSON.stringify(await (" + expression + ")) ?? 'null')()",
		"target":       map[string]any{"context": p.tab},
		"awaitPromise": true,
	}, &answer)
	if err != nil {
		return err
	}
	if answer.Type != "success" {
		return fmt.Errorf("%s", answer.ExceptionDetails.Text)
	}
	var text string
	if err := json.Unmarshal(answer.Result.Value, &text); err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), value)
}

// Number returns the value of an expression in the page.
func (p *Firefox) Number(expression string) (n float64) {
	p.t.Helper()
	if err := p.evaluate(expression, &n); err != nil {
		p.t.Fatalf("Firefox: %v in %s", err, expression)
	}
	return n
}

// Run runs statements in the page.
func (p *Firefox) Run(statements string) {
	p.t.Helper()
	p.Number("(() => {" + statements + "; return 0})()")
}

// Until waits until a condition holds in the page. An evaluation that fails counts as false, because the page may be
// about to be replaced.
func (p *Firefox) Until(condition string) {
	p.t.Helper()
	var err error
	for end := time.Now().Add(Patience); time.Now().Before(end); {
		var holds bool
		if err = p.evaluate("!!("+condition+")", &holds); err == nil && holds {
			return
		}
		<-time.After(25 * time.Millisecond)
	}
	var shown string
	_ = p.evaluate("document.documentElement.innerText.slice(0, 2000)", &shown)
	p.t.Fatalf("Firefox waited in vain for %s (%v); the page: %s", condition, err, shown)
}
