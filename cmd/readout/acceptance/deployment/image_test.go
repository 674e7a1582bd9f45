package deployment

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/program"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// dockerfile parses the Dockerfile as BuildKit does. Warnings fail the test.
func dockerfile(t *testing.T) []instructions.Stage {
	t.Helper()
	f, err := os.Open(program.Path("Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ast, err := parser.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range ast.Warnings {
		t.Errorf("Dockerfile: %s", w.Short)
	}
	stages, _, err := instructions.Parse(ast.AST, linter.New(&linter.Config{
		Warn: func(rule, _, _, message string, at []parser.Range) {
			t.Errorf("Dockerfile, line %d: %s: %s", at[0].Start.Line, rule, message)
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

// lastCommand returns the last command of a kind in a stage.
func lastCommand[C instructions.Command](t *testing.T, s instructions.Stage) C {
	t.Helper()
	for _, c := range slices.Backward(s.Commands) {
		if c, ok := c.(C); ok {
			return c
		}
	}
	var none C
	t.Fatalf("the stage from %s has no %T", s.BaseName, none)
	return none
}

func TestImage(t *testing.T) {
	t.Parallel()
	stages := dockerfile(t)
	names := []string{"scratch"}
	for _, s := range stages {
		if !slices.Contains(names, s.BaseName) && !pinned.MatchString(s.BaseName) {
			t.Errorf("the base image %q has no version", s.BaseName)
		}
		names = append(names, s.Name)
	}
	build, last := stages[0], stages[len(stages)-1]
	if version := goVersion(t); !strings.HasPrefix(build.BaseName, "golang:"+version+".") {
		t.Errorf("the image is built with %s, but go.mod requires Go %s", build.BaseName, version)
	}
	var built string
	for _, c := range build.Commands {
		if c, ok := c.(*instructions.RunCommand); ok {
			built += strings.Join(c.CmdLine, " ") + "\n"
		}
	}
	buildEnv := lastCommand[*instructions.EnvCommand](t, build)
	if !strings.Contains(built, "go build -trimpath") || !sets(buildEnv, "CGO_ENABLED", "0") {
		t.Errorf("the program is not static, or contains build paths: %s", built)
	}

	var uid int
	user := lastCommand[*instructions.UserCommand](t, last).User
	if _, err := fmt.Sscanf(user, "%d:", &uid); err != nil || uid == 0 {
		t.Errorf("the program runs as %q, want a user ID other than 0", user)
	}
	if signal := lastCommand[*instructions.StopSignalCommand](t, last).Signal; signal != "SIGTERM" {
		t.Errorf("the stop signal is %s, want SIGTERM", signal)
	}
	entry, cmd := lastCommand[*instructions.EntrypointCommand](t, last), lastCommand[*instructions.CmdCommand](t, last)
	health := lastCommand[*instructions.HealthCheckCommand](t, last).Health
	if entry.PrependShell || cmd.PrependShell || health.Test[0] != "CMD" {
		t.Error("the image has a command that needs a shell, but no shell")
	}
	checkCommand(t, "the image", append(slices.Clone(entry.CmdLine), cmd.CmdLine...))
	checkCommand(t, "the image's health check", health.Test[1:])
	if ports := lastCommand[*instructions.ExposeCommand](t, last).Ports; !slices.Equal(ports, []string{"8080"}) ||
		!sets(lastCommand[*instructions.EnvCommand](t, last), "READOUT_LISTEN", ":8080") {
		t.Errorf("the image exposes %v, want 8080, the port on which it listens", ports)
	}
}

func sets(c *instructions.EnvCommand, name, value string) bool {
	return slices.Contains(c.Env, instructions.KeyValuePair{Key: name, Value: value})
}

// goVersion returns the Go version that go.mod requires, such as 1.26.
func goVersion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(program.Path("go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if version, ok := strings.CutPrefix(line, "go "); ok {
			parts := strings.SplitN(strings.TrimSpace(version), ".", 3)
			return parts[0] + "." + parts[1]
		}
	}
	t.Fatal("go.mod has no Go version")
	return ""
}
