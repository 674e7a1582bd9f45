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

// pinned is an image with a version; a word such as latest, or the first number alone, moves under the operator.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$`)

func TestDeploymentWantsItsPasswords(t *testing.T) {
	t.Parallel()
	for name := range compose.OperatorsFile() {
		for _, value := range []string{"", "unset"} {
			env := compose.OperatorsFile()
			if env[name] = value; value == "unset" {
				delete(env, name)
			}
			if _, err := compose.Load(t.Context(), env); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "set it in .env") {
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
		{"live.example, www.live.example", "https://live.example", "live.example, www.live.example", "https://live.example"},
	} {
		env := compose.OperatorsFile()
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
	if got, want := slices.Sorted(maps.Keys(project.Services)), []string{"caddy", "postgres", "readout-1", "readout-2", "redis"}; !slices.Equal(got, want) {
		t.Fatalf("the services are %v, want %v", got, want)
	}
	for name, s := range project.Services {
		if s.Build == nil && !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %q has no version", name, s.Image)
		}
		if s.Build != nil && (strings.HasSuffix(s.Image, ":latest") || !strings.Contains(s.Image, ":") || s.PullPolicy != types.PullPolicyNever) {
			t.Errorf("%s: the image built here, %q (pull %q), must have a tag and come from no registry", name, s.Image, s.PullPolicy)
		}
		if s.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("%s: restart is %q", name, s.Restart)
		}
		if s.HealthCheck == nil || len(s.HealthCheck.Test) == 0 || s.HealthCheck.Disable || s.HealthCheck.Timeout == nil {
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
			t.Errorf("%s: privileged, or with a name that `docker compose run` could not take again", name)
		}
		if s.ReadOnly && len(s.Configs) > 0 {
			t.Errorf("%s: Compose cannot write configs into a read-only container", name)
		}
		if len(s.Ports) > 0 && name != "caddy" {
			t.Errorf("%s is open to the world", name)
		}
		for _, v := range s.Volumes {
			if _, named := project.Volumes[v.Source]; v.Type != types.VolumeTypeVolume || !named {
				t.Errorf("%s: the volume at %s is not a named one", name, v.Target)
			}
		}
	}
	for name, target := range map[string]string{"postgres": "/var/lib/postgresql/data", "caddy": "/data"} {
		if !slices.ContainsFunc(project.Services[name].Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == target }) {
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
			t.Errorf("%s: stop_grace_period %v leaves no time for a drain of %v and requests of %v", name, s.StopGracePeriod, drain, server.RequestGrace)
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 {
			t.Errorf("%s may write its file system or has capabilities", name)
		}
		if s.Ulimits["nofile"] == nil || s.Ulimits["nofile"].Hard < 65536 {
			t.Errorf("%s: the limit of open files is %v", name, s.Ulimits["nofile"])
		}
		for _, other := range []string{"postgres", "redis"} {
			if s.DependsOn[other].Condition != types.ServiceConditionHealthy {
				t.Errorf("%s does not wait for %s", name, other)
			}
		}
		if !strings.Contains(variable(project.Services["caddy"], "READOUT_UPSTREAMS"), name+variable(s, "READOUT_LISTEN")) {
			t.Errorf("Caddy sends nobody to %s", name)
		}
		checkCommand(t, name+"'s health check", s.HealthCheck.Test[1:])
	}
}

func TestDeploymentNetworks(t *testing.T) {
	t.Parallel()
	project := compose.File(t)
	back := project.Networks["back"]
	if !back.Internal {
		t.Error("PostgreSQL and Redis could be reached from outside")
	}
	for service, want := range map[string][]string{
		"caddy": {"front"}, "readout-1": {"back", "front"}, "readout-2": {"back", "front"}, "postgres": {"back"}, "redis": {"back"},
	} {
		if got := slices.Sorted(maps.Keys(project.Services[service].Networks)); !slices.Equal(got, want) {
			t.Errorf("%s is in %v, want %v", service, got, want)
		}
	}
	pool := project.Networks["front"].Ipam.Config[0]
	subnet, others := netip.MustParsePrefix(pool.Subnet), netip.MustParsePrefix(pool.IPRange)
	caddy := netip.MustParseAddr(project.Services["caddy"].Networks["front"].Ipv4Address)
	if gateway := netip.MustParseAddr(pool.Gateway); !subnet.Contains(caddy) || others.Contains(caddy) || gateway == caddy || !subnet.Contains(gateway) {
		t.Errorf("Caddy's address %v must be in %v, and neither the gateway nor in %v, which others get", caddy, subnet, others)
	}
	for _, node := range nodes {
		if got := variable(project.Services[node], "READOUT_TRUSTED_PROXIES"); got != caddy.String() {
			t.Errorf("%s trusts %q, want only Caddy, %v", node, got, caddy)
		}
	}
}

// TestDeploymentKeepsSecrets: passwords stand in no command, which everybody on the machine could list.
func TestDeploymentKeepsSecrets(t *testing.T) {
	t.Parallel()
	env := compose.OperatorsFile()
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
	if got, want := project.Configs["redis"].Content, "requirepass "+env["REDIS_PASSWORD"]+"\n"; !strings.Contains(got, want) {
		t.Error("Redis asks for no password")
	}
	for _, node := range nodes {
		if !strings.HasPrefix(variable(project.Services[node], "READOUT_DATABASE"), "postgres://readout:"+env["POSTGRES_PASSWORD"]+"@") {
			t.Errorf("%s logs in as somebody else than readout", node)
		}
	}
}

func TestDeploymentProxyIsValid(t *testing.T) {
	t.Parallel()
	for _, site := range []string{"http://localhost", "live.example", "live.example, www.live.example"} {
		out, err := compose.CaddyCommand(t, "validate", compose.Caddyfile(t), site, "127.0.0.1:2020", []string{"readout-1:8080", "readout-2:8080"}).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", site, err, out)
		}
	}
}

// TestDeploymentBuildSeesTheProgram: what .dockerignore lets through is what the program is made of.
func TestDeploymentBuildSeesTheProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(program.Path(".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			seen = append(seen, name)
		}
	}
	slices.Sort(seen)
	want := append(foldersOfTheProgram(t), "go.mod", "go.sum")
	slices.Sort(want)
	if !slices.Equal(seen, want) {
		t.Errorf("the build sees %v, want %v", seen, want)
	}
}

// foldersOfTheProgram are the top-level folders that have packages of the program.
func foldersOfTheProgram(t *testing.T) (folders []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./cmd/readout")
	cmd.Dir = program.Path(".")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		if rest, ours := strings.CutPrefix(strings.TrimSpace(line), "readout/"); ours {
			folder, _, _ := strings.Cut(rest, "/")
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// serveVariables are the variables that `readout serve` reads, as its help tells them.
func serveVariables(t *testing.T) []string {
	t.Helper()
	help, err := binaries.Command(t, "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, match := range regexp.MustCompile(`\(\$(READOUT_[A-Z_]+)\)`).FindAllStringSubmatch(strings.Join(strings.Fields(string(help)), " "), -1) {
		names = append(names, match[1])
	}
	if len(names) == 0 {
		t.Fatalf("`readout serve` reads no variables; it helps with\n%s", help)
	}
	return names
}

// checkCommand sees that words are a command of the program in the image: the program refuses unknown words before it helps.
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

func variable(s types.ServiceConfig, name string) string {
	if v := s.Environment[name]; v != nil {
		return *v
	}
	return ""
}
