// Package browser gives acceptance tests one Chromium for each test process, and tabs in it.
//
// What always holds: each tab has a profile of its own, which goes with its test; whatever its console says against a page
// fails the test, unless the test expects it; and a wait that fails says what it waited for and what the page shows.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long a test waits for a condition or an answer of the browser. A condition that is never met takes this long
// to fail; one that is met on a busy machine never fails.
const Patience = 2 * time.Minute

// chromium is the browser of this process, started for the first test that asks for a tab.
var chromium process

type process struct {
	once sync.Once
	ctx  context.Context // of chromedp; nil until it has started
	err  error
}

// errNone says that there is no Chromium on this machine.
var errNone = errors.New("there is no Chromium on this machine (apt-get install chromium)")

// Path returns the program on this machine.
func Path() (string, error) {
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNone
}

func start() (ctx context.Context, err error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	ctx, _ = chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WSURLReadTimeout(Patience), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-software-rasterizer", true),
		chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		// Each tab has one process: none that waits for the next page, none that is left when the first page comes, and none to draw.
		chromedp.Flag("disable-features", "BlinkGenPropertyTrees,PaintHolding,Translate,SpareRendererForSitePerProcess"),
		chromedp.Flag("renderer-process-limit", "1"), chromedp.Flag("in-process-gpu", true),
		// Frames of other sites have processes of their own, and no page reaches beyond this machine.
		chromedp.Flag("site-per-process", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"))...)
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return ctx, nil
}

// Main runs a package's tests, ends the browser if one was started, and returns the exit status. TestMain calls it.
func Main(m *testing.M) (status int) {
	status = m.Run()
	if chromium.ctx == nil {
		return status
	}
	// On a busy machine Chromium may end, or its profile go, later than chromedp waits; it ends with this process at the latest.
	if err := chromedp.Cancel(chromium.ctx); err != nil {
		fmt.Fprintln(os.Stderr, "ending Chromium:", err)
	}
	return status
}

// need returns the context of the running browser. Without a browser the test is skipped, but not in CI.
func need(t *testing.T) context.Context {
	t.Helper()
	chromium.once.Do(func() { chromium.ctx, chromium.err = start() })
	skip(t, chromium.err)
	return chromium.ctx
}

// skip skips the test where something is missing on this machine, but fails it in CI.
func skip(t *testing.T, missing error) {
	t.Helper()
	switch {
	case missing == nil:
	case os.Getenv("CI") == "" && (errors.Is(missing, errNone) || errors.Is(missing, exec.ErrNotFound)):
		t.Skip(missing)
	default:
		t.Fatal(missing)
	}
}
