// Command bundle turns the sources of the assets into what is served. It runs in the assets directory, by go generate.
//
// Each .js and .css file at the top level of src is bundled with what it imports and minified; each .svg file is
// copied, and the pictures that other sites show are drawn. Files that compression makes smaller get .br and .gz files
// beside them, because a server would take half a second at its start to compress them. Files of earlier runs are
// removed from dist.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if err := bundle("src", "dist"); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func bundle(src, dist string) error {
	var entries, copies []string
	for pattern, list := range map[string]*[]string{"*.js": &entries, "*.css": &entries, "*.svg": &copies} {
		names, err := filepath.Glob(filepath.Join(src, pattern))
		if err != nil {
			return err
		}
		*list = append(*list, names...)
	}
	slices.Sort(entries)
	if len(entries) == 0 {
		return fmt.Errorf("no entry in %s; run it in the assets directory", src)
	}

	result := api.Build(api.BuildOptions{
		EntryPoints:       entries,
		Outbase:           src,
		Outdir:            dist,
		Bundle:            true,
		Format:            api.FormatIIFE,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Charset:           api.CharsetUTF8,
		LogLevel:          api.LogLevelWarning,
		// The oldest browsers with all that the scripts use; esbuild rewrites newer syntax for them.
		Engines: []api.Engine{
			{Name: api.EngineChrome, Version: "92"},
			{Name: api.EngineFirefox, Version: "92"},
			{Name: api.EngineSafari, Version: "15"},
		},
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("%d errors in the sources", len(result.Errors))
	}

	drawn, err := pictures()
	if err != nil {
		return err
	}

	// Nothing is touched before the sources have been found good.
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for _, f := range result.OutputFiles {
		if err := writeAsset(dist, filepath.Base(f.Path), f.Contents); err != nil {
			return err
		}
	}
	for name, content := range drawn {
		if err := writeAsset(dist, name, content); err != nil {
			return err
		}
	}
	for _, name := range copies {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := writeAsset(dist, filepath.Base(name), b); err != nil {
			return err
		}
	}
	return nil
}

// writeAsset writes a file and its compressed forms.
func writeAsset(dist, name string, content []byte) error {
	forms := map[string][]byte{name: content}
	for suffix, newWriter := range compressions {
		if small := compressed(content, newWriter); small != nil {
			forms[name+suffix] = small
		}
	}
	for name, content := range forms {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
