package main

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

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// deploymentPatience is how long a test of the deployment waits for what must come.
const deploymentPatience = 15 * time.Second

// operatorsFile is what an operator's .env must hold.
func operatorsFile() types.Mapping {
	return types.Mapping{"POSTGRES_PASSWORD": "p0stgres", "REDIS_PASSWORD": "r3dis"}
}

// composeFile loads docker-compose.yml as docker compose does, with the variables that an operator must set.
func composeFile(t *testing.T) *types.Project {
	t.Helper()
	project, err := loadCompose(t.Context(), operatorsFile())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// loadCompose checks docker-compose.yml by the schema and fills in the variables; those that are not given are unset.
func loadCompose(ctx context.Context, env types.Mapping) (*types.Project, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return nil, err
	}
	return loader.LoadWithContext(ctx, types.ConfigDetails{
		WorkingDir:  root,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(root, "docker-compose.yml")}},
		Environment: env,
	})
}

// caddyfile returns the proxy's configuration as its container has it. It takes the site's address, the nodes and the
// address of its own health check from the environment.
func caddyfile(t *testing.T) string {
	t.Helper()
	c, ok := composeFile(t).Configs["caddyfile"]
	if !ok {
		t.Fatal("docker-compose.yml has no config caddyfile")
	}
	return c.Content
}

// caddyCommand is Caddy with this configuration. Everything that it writes goes with the test. Without Caddy the test
// is skipped, in CI it fails.
func caddyCommand(t *testing.T, verb, config, site, health string, upstreams []string) *exec.Cmd {
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

// startCaddy runs the deployment's proxy for upstreams such as 127.0.0.1:8080 and returns its address. The site is the
// address to serve, such as http://127.0.0.1:8000, or empty for a free port. It has stopped when the test ends.
func startCaddy(t *testing.T, site string, upstreams ...string) (url string) {
	t.Helper()
	return runCaddy(t, site, upstreams...).url
}

// proxy is a running Caddy.
type proxy struct {
	url string
	log *proxyLog
	pid int
}

func runCaddy(t *testing.T, site string, upstreams ...string) *proxy {
	t.Helper()
	return runCaddyWith(t, caddyfile(t), site, upstreams...)
}

func runCaddyWith(t *testing.T, config, site string, upstreams ...string) *proxy {
	t.Helper()
	if site == "" {
		site = "http://" + vacantAddress(t)
	}
	health := vacantAddress(t)
	cmd := caddyCommand(t, "run", config, site, health, upstreams)
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
		case <-time.After(deploymentPatience):
			t.Error("Caddy did not stop when it was told to")
			cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("Caddy said:\n%s", log)
		}
	})
	awaitProxy(t, "Caddy answers", func() bool {
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
	return &proxy{url: site, log: log, pid: cmd.Process.Pid}
}

// vacantAddress returns an address of this machine that nobody listens on.
func vacantAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// awaitProxy waits until what is so.
func awaitProxy(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(deploymentPatience)
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("in %v it has not come that %s", deploymentPatience, what)
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

// fetchThrough answers the status and the body of a request, or the failure in place of the body.
func fetchThrough(client *http.Client, url string) (status int, body string) {
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
