package deployment

import (
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/compose"
	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"

	"github.com/compose-spec/compose-go/v2/types"
)

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

// nodes are the services that run Readout.
var nodes = []string{"readout-1", "readout-2"}

// pinned matches an image with at least two numbers in its version. With a tag such as latest, or only the first
// number, operators would get another version without notice.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$`)

func TestDeploymentRequiresPasswords(t *testing.T) {
	t.Parallel()
	for name := range compose.OperatorEnv() {
		for _, value := range []string{"", "unset"} {
			env := compose.OperatorEnv()
			if env[name] = value; value == "unset" {
				delete(env, name)
			}
			_, err := compose.Load(t.Context(), env)
			if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "set it in .env") {
				t.Errorf("with %s %q the error is %v", name, value, err)
			}
		}
	}
}

func TestDeploymentBaseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ domain, baseURL, site, want string }{
		{"", "", "http://localhost", "http://localhost"},
		{"live.example", "", "live.example", "https://live.example"},
		{
			"live.example, www.live.example", "https://live.example",
			"live.example, www.live.example", "https://live.example",
		},
	} {
		env := compose.OperatorEnv()
		env["READOUT_DOMAIN"], env["READOUT_BASE_URL"] = c.domain, c.baseURL
		project, err := compose.Load(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		if got := variable(project.Services["caddy"], "READOUT_DOMAIN"); got != c.site {
			t.Errorf("for the domain %q Caddy serves %q, want %q", c.domain, got, c.site)
		}
		for _, node := range nodes {
			if got := variable(project.Services[node], "READOUT_BASE_URL"); got != c.want {
				t.Errorf("for the domain %q %s has the base URL %q, want %q", c.domain, node, got, c.want)
			}
		}
	}
}

func TestDeploymentServices(t *testing.T) {
	t.Parallel()
	project := compose.File(t)
	names := slices.Sorted(maps.Keys(project.Services))
	if want := []string{"caddy", "postgres", "readout-1", "readout-2", "redis"}; !slices.Equal(names, want) {
		t.Fatalf("the services are %v, want %v", names, want)
	}
	for name, s := range project.Services {
		built := s.Image == project.Services["readout-1"].Image
		if !built && !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %q has no version", name, s.Image)
		}
		if (s.Build != nil) != (name == "readout-1") {
			t.Errorf("%s builds an image: %t; only readout-1 may, since builds of one tag replace each other", name,
				s.Build != nil)
		}
		tagged := strings.Contains(s.Image, ":") && !strings.HasSuffix(s.Image, ":latest")
		if built && (!tagged || s.PullPolicy != types.PullPolicyNever) {
			t.Errorf("%s: the image %q (pull policy %q) is built here, so it needs a tag and must never be pulled",
				name, s.Image, s.PullPolicy)
		}
		if s.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("%s: restart is %q", name, s.Restart)
		}
		if h := s.HealthCheck; h == nil || len(h.Test) == 0 || h.Disable || h.Timeout == nil {
			t.Errorf("%s has no health check", name)
		}
		if s.Deploy == nil || s.Deploy.Resources.Limits == nil || s.Deploy.Resources.Limits.MemoryBytes == 0 ||
			s.Deploy.Resources.Limits.NanoCPUs == 0 || s.Deploy.Resources.Limits.Pids == 0 {
			t.Errorf("%s has no limits of memory, processors and processes", name)
		}
		if s.Logging == nil || s.Logging.Options["max-size"] == "" || s.Logging.Options["max-file"] == "" {
			t.Errorf("%s: its log has no limit", name)
		}
		if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may gain privileges", name)
		}
		if s.Privileged || s.ContainerName != "" {
			t.Errorf("%s is privileged, or has a container name, which `docker compose run` could not use again", name)
		}
		if s.ReadOnly && len(s.Configs) > 0 {
			t.Errorf("%s: Compose cannot write configs into a read-only container", name)
		}
		if len(s.Ports) > 0 && name != "caddy" {
			t.Errorf("%s publishes ports; only caddy may", name)
		}
		for _, v := range s.Volumes {
			if _, named := project.Volumes[v.Source]; v.Type != types.VolumeTypeVolume || !named {
				t.Errorf("%s: the volume at %s is not a named one", name, v.Target)
			}
		}
	}
	for name, target := range map[string]string{"postgres": "/var/lib/postgresql/data", "caddy": "/data"} {
		mounted := func(v types.ServiceVolumeConfig) bool { return v.Target == target }
		if !slices.ContainsFunc(project.Services[name].Volumes, mounted) {
			t.Errorf("%s: %s is in no volume", name, target)
		}
	}
}

func TestDeploymentNodes(t *testing.T) {
	t.Parallel()
	project := compose.File(t)
	known := serveVariables(t)
	for _, name := range nodes {
		s := project.Services[name]
		for v := range s.Environment {
			if !slices.Contains(known, v) && v != "GOMEMLIMIT" {
				t.Errorf("%s: `readout serve` does not know %s; it knows %v", name, v, known)
			}
		}
		for _, v := range known {
			if _, given := s.Environment[v]; !given {
				t.Errorf("%s is not given %s", name, v)
			}
		}
		drain, err := time.ParseDuration(variable(s, "READOUT_DRAIN"))
		if err != nil {
			t.Fatal(err)
		}
		if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) <= drain+server.RequestGrace {
			t.Errorf("%s: the stop_grace_period %v must be longer than the drain of %v and %v for requests",
				name, s.StopGracePeriod, drain, server.RequestGrace)
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 {
			t.Errorf("%s can write to its file system, or has capabilities", name)
		}
		if s.Ulimits["nofile"] == nil || s.Ulimits["nofile"].Hard < 65536 {
			t.Errorf("%s: the limit of open files is %v", name, s.Ulimits["nofile"])
		}
		for _, other := range []string{"postgres", "redis"} {
			if s.DependsOn[other].Condition != types.ServiceConditionHealthy {
				t.Errorf("%s does not wait for %s", name, other)
			}
		}
		upstreams := variable(project.Services["caddy"], "READOUT_UPSTREAMS")
		if !strings.Contains(upstreams, name+variable(s, "READOUT_LISTEN")) {
			t.Errorf("Caddy sends no requests to %s", name)
		}
		checkCommand(t, name+"'s health check", s.HealthCheck.Test[1:])
	}
}

func TestDeploymentNetworks(t *testing.T) {
	t.Parallel()
	project := compose.File(t)
	back := project.Networks["back"]
	if !back.Internal {
		t.Error("the network of PostgreSQL and Redis is not internal")
	}
	for service, want := range map[string][]string{
		"caddy": {"front"}, "readout-1": {"back", "front"}, "readout-2": {"back", "front"},
		"postgres": {"back"}, "redis": {"back"},
	} {
		if got := slices.Sorted(maps.Keys(project.Services[service].Networks)); !slices.Equal(got, want) {
			t.Errorf("%s is in %v, want %v", service, got, want)
		}
	}
	checkAddresses(t, project, "172.30.80.0/24")
	env := compose.OperatorEnv()
	env["READOUT_NETWORK"] = "10.90.7"
	project, err := compose.Load(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	checkAddresses(t, project, "10.90.7.0/24")
}

// checkAddresses checks that Caddy has the address that the nodes trust, in a network.
func checkAddresses(t *testing.T, project *types.Project, network string) {
	t.Helper()
	pool := project.Networks["front"].Ipam.Config[0]
	if pool.Subnet != network {
		t.Errorf("the network is %s, want %s", pool.Subnet, network)
	}
	subnet, others := netip.MustParsePrefix(pool.Subnet), netip.MustParsePrefix(pool.IPRange)
	caddy := netip.MustParseAddr(project.Services["caddy"].Networks["front"].Ipv4Address)
	gateway := netip.MustParseAddr(pool.Gateway)
	if !subnet.Contains(caddy) || others.Contains(caddy) || gateway == caddy || !subnet.Contains(gateway) {
		t.Errorf("Caddy's address %v must be in %v, but not in %v, from which other services get addresses, "+
			"and not the gateway %v", caddy, subnet, others, gateway)
	}
	for _, node := range nodes {
		if got := variable(project.Services[node], "READOUT_TRUSTED_PROXIES"); got != caddy.String() {
			t.Errorf("%s trusts %q, want only Caddy, %v", node, got, caddy)
		}
	}
}

// TestDeploymentKeepsSecrets checks that no password is in a command, which every user of the machine can list.
func TestDeploymentKeepsSecrets(t *testing.T) {
	t.Parallel()
	env := compose.OperatorEnv()
	project := compose.File(t)
	for name, s := range project.Services {
		words := slices.Concat([]string(s.Command), []string(s.Entrypoint), []string(s.HealthCheck.Test))
		for _, word := range words {
			for _, secret := range env {
				if strings.Contains(word, secret) {
					t.Errorf("%s: a password is in the command %v", name, words)
				}
			}
		}
	}
	if !strings.Contains(project.Configs["redis"].Content, "requirepass "+env["REDIS_PASSWORD"]+"\n") {
		t.Error("Redis requires no password")
	}
	for _, node := range nodes {
		database := variable(project.Services[node], "READOUT_DATABASE")
		if !strings.HasPrefix(database, "postgres://readout:"+env["POSTGRES_PASSWORD"]+"@") {
			t.Errorf("%s does not log in as readout", node)
		}
	}
}

func TestDeploymentProxyIsValid(t *testing.T) {
	t.Parallel()
	for _, site := range []string{"http://localhost", "live.example", "live.example, www.live.example"} {
		upstreams := []string{"readout-1:8080", "readout-2:8080"}
		validate := compose.CaddyCommand(t, "validate", compose.Caddyfile(t), site, "127.0.0.1:2020", upstreams)
		if out, err := validate.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", site, err, out)
		}
	}
}

// TestDockerignore checks that .dockerignore admits exactly the folders and files from which the program is built.
func TestDockerignore(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(program.Path(".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	var admitted []string
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			admitted = append(admitted, name)
		}
	}
	slices.Sort(admitted)
	want := append(programFolders(t), "go.mod", "go.sum")
	slices.Sort(want)
	if !slices.Equal(admitted, want) {
		t.Errorf(".dockerignore admits %v, want %v", admitted, want)
	}
}

// programFolders returns the top-level folders with packages of the program.
func programFolders(t *testing.T) (folders []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./cmd/readout")
	cmd.Dir = program.Path(".")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		if rest, inModule := strings.CutPrefix(strings.TrimSpace(line), "readout/"); inModule {
			folder, _, _ := strings.Cut(rest, "/")
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// serveVariables returns the environment variables in the help of `readout serve`.
func serveVariables(t *testing.T) []string {
	t.Helper()
	help, err := binaries.Command(t, "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	text := strings.Join(strings.Fields(string(help)), " ")
	for _, match := range regexp.MustCompile(`\(\$(READOUT_[A-Z_]+)\)`).FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	if len(names) == 0 {
		t.Fatalf("the help of `readout serve` has no variables:\n%s", help)
	}
	return names
}

// checkCommand checks that words are a valid command of the program in the image. It adds --help, which the program
// answers only if it knows all other words.
func checkCommand(t *testing.T, what string, words []string) {
	t.Helper()
	if len(words) == 0 || words[0] != "/readout" {
		t.Errorf("%s does not run /readout: %v", what, words)
		return
	}
	if out, err := binaries.Command(t, append(words[1:], "--help")...).CombinedOutput(); err != nil {
		t.Errorf("%s: the program does not know %v: %v\n%s", what, words, err, out)
	}
}

// variable returns an environment variable of a service.
func variable(s types.ServiceConfig, name string) string {
	if v := s.Environment[name]; v != nil {
		return *v
	}
	return ""
}
