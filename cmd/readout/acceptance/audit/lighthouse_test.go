package audit_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/node"
	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/demo"
	"readout/realtime"
)

var performance = flag.Float64("performance", 0, "the minimum performance score, out of 100")

// report holds the parts of Lighthouse's report that the tests need. A score is nil if Lighthouse could not give one.
type report struct {
	RuntimeError struct{ Code, Message string }
	Categories   map[string]struct {
		Score     *float64
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct {
		Score            *float64
		NumericValue     float64
		Title            string
		ScoreDisplayMode string
		ErrorMessage     string
	}
}

// parseReport parses Lighthouse's output. It returns an error if Lighthouse itself failed, which says nothing about the
// page.
func parseReport(output []byte) (r report, err error) {
	if err := json.Unmarshal(output, &r); err != nil {
		return r, fmt.Errorf("the output is not a report: %w", err)
	}
	if r.RuntimeError.Code != "" && r.RuntimeError.Code != "NO_ERROR" {
		return r, fmt.Errorf("%s: %s", r.RuntimeError.Code, r.RuntimeError.Message)
	}
	for name, category := range r.Categories {
		for _, ref := range category.AuditRefs {
			if a := r.Audits[ref.ID]; a.ScoreDisplayMode == "error" && ref.Weight > 0 {
				return r, fmt.Errorf("%s of %s: %s", ref.ID, name, a.ErrorMessage)
			}
		}
	}
	return r, nil
}

// TestParseReport checks that failures of Lighthouse, after which TestLighthouse tries again, are told apart from
// findings about the page, which fail it.
func TestParseReport(t *testing.T) {
	t.Parallel()
	const finding = `"categories":{"seo":{"score":0.5,"auditRefs":[{"id":"title","weight":1}]}},` +
		`"audits":{"title":{"score":0,"scoreDisplayMode":"binary"}}`
	const failedAudit = `"categories":{"seo":{"score":null,"auditRefs":[{"id":"title","weight":1}]}},` +
		`"audits":{"title":{"score":null,"scoreDisplayMode":"error","errorMessage":"NO_NAVSTART"}}`
	for _, row := range []struct {
		output string
		failed bool
	}{
		{"", true},
		{"{" + finding + "}", false},
		{`{"runtimeError":{"code":"NO_NAVSTART","message":"m"},` + finding + "}", true},
		{"{" + failedAudit + "}", true},
	} {
		if _, err := parseReport([]byte(row.output)); (err != nil) != row.failed {
			t.Errorf("%q: %v, want an error: %v", row.output, err, row.failed)
		}
	}
}

// TestLighthouse runs Lighthouse on the demo, emulating a phone. The performance score depends on the machine and its
// load, so the test only logs it, unless the flag sets a minimum.
func TestLighthouse(t *testing.T) {
	t.Parallel()
	dir := tools(t, "lighthouse")
	path, err := browser.Path()
	if err != nil {
		program.Missing(t, err.Error())
	}
	n := node.Start(t)
	script, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Seed(t.Context(), n.Store, realtime.NewLocalBroker(), time.Now()); err != nil {
		t.Fatal(err)
	}
	var r report
	for try := 1; ; try++ {
		c := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "node_modules/lighthouse/cli/index.js"),
			n.BaseURL+"/live/"+demo.Blog.Slug, "--quiet", "--output=json",
			"--chrome-flags=--headless=new --no-sandbox --disable-gpu --user-data-dir="+t.TempDir())
		c.Env = append(os.Environ(), "CHROME_PATH="+path)
		c.Stderr = t.Output()
		output, exit := c.Output()
		if r, err = parseReport(output); err == nil {
			break
		}
		if try == 3 {
			t.Fatalf("Lighthouse failed %d times, the last time with %v (%v)", try, err, exit)
		}
		t.Logf("Lighthouse failed, trying again: %v", err)
	}
	for name, least := range map[string]float64{
		"accessibility": 100, "best-practices": 100, "seo": 100, "performance": *performance,
	} {
		category, score := r.Categories[name], 0.0
		if category.Score != nil {
			score = *category.Score * 100
		}
		t.Logf("%s: %.0f", name, score)
		if category.Score == nil || score < least {
			t.Errorf("the score for %s is %.0f, want at least %.0f", name, score, least)
			for _, ref := range category.AuditRefs {
				if a := r.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 1 {
					t.Errorf("%s: %s", ref.ID, a.Title)
				}
			}
		}
	}
	if shift, ok := r.Audits["cumulative-layout-shift"]; !ok || shift.NumericValue != 0 {
		t.Errorf("the layout shifts by %v", shift.NumericValue)
	}
}
