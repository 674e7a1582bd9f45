// Package browser gives acceptance tests tabs in Chromium, which it starts once for each test process.
//
// Each tab has a profile of its own, which is deleted when its test ends. Errors and warnings on its console fail the
// test, unless the test expects them. If the test waits for something in vain, the error says for what, and what the
// page shows.
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

	"readout/cmd/readout/acceptance/program"

	"github.com/chromedp/chromedp"
)

// Patience limits how long a test waits for a condition or an answer of the browser. Even a busy machine stays far
// below it.
const Patience = 2 * time.Minute

// chromium is the browser of this process. The first test that opens a tab starts it.
var chromium process

type process struct {
	once sync.Once
	ctx  context.Context // of chromedp; nil until it has started
	err  error
}

// errNotInstalled is the error of [Path] without Chromium.
var errNotInstalled = errors.New("no Chromium on this machine: run apt-get install chromium")

// Path returns the path of Chromium or Chrome on this machine.
func Path() (string, error) {
	for _, name := range []string{
		"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNotInstalled
}

// start starts Chromium.
func start() (ctx context.Context, err error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	ctx, _ = chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WSURLReadTimeout(Patience), chromedp.WindowSize(1280, 800),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-software-rasterizer", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		// Few processes: no spare renderer for the next page, one renderer, and no process for the GPU.
		chromedp.Flag("disable-features",
			"BlinkGenPropertyTrees,PaintHolding,Translate,SpareRendererForSitePerProcess"),
		chromedp.Flag("renderer-process-limit", "1"), chromedp.Flag("in-process-gpu", true),
		// Frames of other sites run in other processes, as for readers.
		chromedp.Flag("site-per-process", true),
		// Pages can reach only this machine.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"))...)
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return ctx, nil
}

// Main runs a package's tests, then stops the browser if a test started it, and returns the exit status. TestMain calls
// it.
func Main(m *testing.M) (status int) {
	status = m.Run()
	if chromium.ctx == nil {
		return status
	}
	// On a busy machine Chromium may take longer to stop than chromedp waits. It stops with this process at the latest.
	if err := chromedp.Cancel(chromium.ctx); err != nil {
		fmt.Fprintln(os.Stderr, "stopping Chromium:", err)
	}
	return status
}

// need returns the context of the running browser. If Chromium is not installed it skips the test, or fails it in CI.
func need(t *testing.T) context.Context {
	t.Helper()
	chromium.once.Do(func() { chromium.ctx, chromium.err = start() })
	switch {
	case errors.Is(chromium.err, errNotInstalled):
		program.Missing(t, chromium.err.Error())
	case chromium.err != nil:
		t.Fatal(chromium.err)
	}
	return chromium.ctx
}
