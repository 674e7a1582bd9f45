package main

import (
	"fmt"
	"runtime/debug"
)

// versionCommand prints which build this is.
type versionCommand struct{}

// Run prints one line.
func (versionCommand) Run(io streams) error {
	_, err := fmt.Fprintln(io.out, version())
	return err
}

// version describes this build in one line.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "readout, unknown build"
	}
	return versionLine(info)
}

// versionLine describes a build: its tag if Go recorded one, the commit, and the Go release that compiled it.
func versionLine(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "development build"
	}
	line := "readout " + version
	if commit := settings["vcs.revision"]; commit != "" {
		line += ", commit " + commit[:min(len(commit), 12)]
		if settings["vcs.modified"] == "true" {
			line += " with uncommitted changes"
		}
	}
	return line + ", " + info.GoVersion
}
