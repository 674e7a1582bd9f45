package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionLine(t *testing.T) {
	t.Parallel()
	build := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: version}, Settings: settings}
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	for _, row := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{build("v0.1.0", commit), "readout v0.1.0, commit 0123456789ab, go1.26"},
		{build("(devel)", commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
			"readout development build, commit 0123456789ab with uncommitted changes, go1.26"},
		{build("(devel)"), "readout development build, go1.26"},
		{build(""), "readout development build, go1.26"},
	} {
		if got := versionLine(row.info); got != row.want {
			t.Errorf("the line is %q, want %q", got, row.want)
		}
	}
}
