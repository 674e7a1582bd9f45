// Package compose lets acceptance tests use the deployment in docker-compose.yml: it parses the services, and runs the
// proxy, Caddy, as a process with the configuration from that file.
package compose

import (
	"context"
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

	"readout/cmd/readout/acceptance/program"
	"readout/realtime/porttest"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// OperatorEnv returns the variables that an operator must set in .env.
func OperatorEnv() types.Mapping {
	return types.Mapping{"POSTGRES_PASSWORD": "p0stgres", "REDIS_PASSWORD": "r3dis"}
}

// File loads docker-compose.yml as docker compose does, with the variables of [OperatorEnv].
func File(t *testing.T) *types.Project {
	t.Helper()
	project, err := Load(t.Context(), OperatorEnv())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// Load parses docker-compose.yml, checks it against the schema and fills in the variables. Variables that are not in
// env are unset.
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

// Caddyfile returns the configuration of the proxy's container. It refers to environment variables for the site's
// address, the nodes and the address of the proxy's own health check; [CaddyCommand] sets them.
func Caddyfile(t *testing.T) string {
	t.Helper()
	c, ok := File(t).Configs["caddyfile"]
	if !ok {
		t.Fatal("docker-compose.yml has no config caddyfile")
	}
	return c.Content
}

// CaddyCommand returns a command that runs a subcommand of Caddy with a configuration, in a temporary directory. Site
// is the address of the site, and health the host and port of the proxy's own health check. If Caddy is not installed,
// CaddyCommand skips the test, or fails it in CI.
func CaddyCommand(t *testing.T, subcommand, config, site, health string, upstreams []string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("caddy")
	if err != nil {
		program.Missing(t, "Caddy is not installed: install caddy to run the tests of the deployment")
	}
	home := t.TempDir()
	file := filepath.Join(home, "Caddyfile")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, subcommand, "--adapter", "caddyfile", "--config", file)
	cmd.Dir = home
	cmd.Env = []string{
		"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"READOUT_DOMAIN=" + site, "READOUT_UPSTREAMS=" + strings.Join(upstreams, " "), "READOUT_PROXY_HEALTH=" + health,
	}
	return cmd
}

// Start runs the deployment's proxy for upstreams such as 127.0.0.1:8080 and returns when it answers. The
// proxy stops when the test ends.
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

// StartWith is like [Start], with another configuration.
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
	exited := make(chan struct{})
	go func() {
		cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(program.Patience):
			t.Error("Caddy did not stop after SIGTERM")
			cmd.Process.Kill()
			<-exited
		}
		if t.Failed() {
			t.Logf("Caddy's log:\n%s", log)
		}
	})
	program.Await(t, "Caddy answers", func() bool {
		select {
		case <-exited:
			t.Fatalf("Caddy exited:\n%s", log)
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

// proxyLog is a buffer that is safe for concurrent use.
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

// Fetch requests a URL and returns the status and the body. If the request fails, the status is 0 and the body is the
// error.
func Fetch(client *http.Client, url string) (status int, body string) {
	res, err := client.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(b)
}
