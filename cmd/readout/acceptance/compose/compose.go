// Package compose gives acceptance tests the deployment that docker-compose.yml describes: its services, and its proxy as a
// process that runs as the file configures it.
package compose

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"readout/realtime/porttest"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"readout/cmd/readout/acceptance/program"
)

// Patience is how long a test of the deployment waits for what must come; it is reached only when something is broken.
const Patience = 2 * time.Minute

// OperatorsFile is what an operator's .env must hold.
func OperatorsFile() types.Mapping {
	return types.Mapping{"POSTGRES_PASSWORD": "p0stgres", "REDIS_PASSWORD": "r3dis"}
}

// File loads docker-compose.yml as docker compose does, with the variables that an operator must set.
func File(t *testing.T) *types.Project {
	t.Helper()
	project, err := Load(t.Context(), OperatorsFile())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// Load checks docker-compose.yml by the schema and fills in the variables; those that are not given are unset.
func Load(ctx context.Context, env types.Mapping) (*types.Project, error) {
	root, err := filepath.Abs(program.Path("."))
	if err != nil {
		return nil, err
	}
	return loader.LoadWithContext(ctx, types.ConfigDetails{
		WorkingDir:  root,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(root, "docker-compose.yml")}},
		Environment: env,
	})
}

// Caddyfile returns the proxy's configuration as its container has it. It takes the site's address, the nodes and the
// address of its own health check from the environment.
func Caddyfile(t *testing.T) string {
	t.Helper()
	c, ok := File(t).Configs["caddyfile"]
	if !ok {
		t.Fatal("docker-compose.yml has no config caddyfile")
	}
	return c.Content
}

// CaddyCommand is Caddy with this configuration. Everything that it writes goes with the test. Without Caddy the test
// is skipped, in CI it fails.
func CaddyCommand(t *testing.T, verb, config, site, health string, upstreams []string) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("caddy")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI needs Caddy for the deployment's tests")
		}
		t.Skip("no Caddy on this machine: install caddy to run the deployment's tests")
	}
	home := t.TempDir()
	file := filepath.Join(home, "Caddyfile")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, verb, "--adapter", "caddyfile", "--config", file)
	cmd.Dir = home
	cmd.Env = []string{
		"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"READOUT_DOMAIN=" + site, "READOUT_UPSTREAMS=" + strings.Join(upstreams, " "), "READOUT_PROXY_HEALTH=" + health,
	}
	return cmd
}

// Start runs the deployment's proxy for upstreams such as 127.0.0.1:8080 and waits until it answers. It has
// stopped when the test ends.
func Start(t *testing.T, upstreams ...string) *Proxy {
	t.Helper()
	return StartWith(t, Caddyfile(t), upstreams...)
}

// Proxy is a running Caddy.
type Proxy struct {
	URL string
	log *proxyLog
}

// Log returns what the proxy has logged so far.
func (p *Proxy) Log() string { return p.log.String() }

// StartWith is Start for a proxy with another configuration.
func StartWith(t *testing.T, config string, upstreams ...string) *Proxy {
	t.Helper()
	site := "http://" + porttest.For(t).Addr()
	health := porttest.For(t).Addr()
	cmd := CaddyCommand(t, "run", config, site, health, upstreams)
	log := &proxyLog{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(Patience):
			t.Error("Caddy did not stop when it was told to")
			cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("Caddy said:\n%s", log)
		}
	})
	Await(t, "Caddy answers", func() bool {
		select {
		case <-ended:
			t.Fatalf("Caddy ended:\n%s", log)
		default:
		}
		res, err := http.Get("http://" + health)
		if err != nil {
			return false
		}
		res.Body.Close()
		conn, err := net.Dial("tcp", strings.TrimPrefix(site, "http://"))
		if err != nil {
			return false
		}
		conn.Close()
		return res.StatusCode == http.StatusOK
	})
	return &Proxy{URL: site, log: log}
}

// Await waits until something is so; what says it in words.
func Await(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(Patience)
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited %v in vain until %s", Patience, what)
		}
	}
}

// proxyLog is a buffer that many may write.
type proxyLog struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (b *proxyLog) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *proxyLog) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Fetch returns the status and the body of a request, or the failure in place of the body.
func Fetch(client *http.Client, url string) (status int, body string) {
	res, err := client.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, fmt.Sprint(err)
	}
	return res.StatusCode, string(b)
}
