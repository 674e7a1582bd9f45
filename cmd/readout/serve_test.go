package main

import (
	"bufio"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// The first line says where the server listens and which database it uses, and whether it has just been created, so
// that a server started in the wrong directory is noticed.
func TestServeNamesTheDatabase(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "readout.db")
	url := "sqlite:" + file
	for _, want := range []string{"(database " + url + ", created just now)\n", "(database " + url + ")\n"} {
		ctx, stop := context.WithCancel(t.Context())
		r, w := io.Pipe()
		ended := make(chan int, 1)
		go func() {
			defer w.Close()
			args := []string{"serve", "--listen", "127.0.0.1:0", "--drain", "0s", "--database", url}
			ended <- run(ctx, args, streams{strings.NewReader(""), w, io.Discard})
		}()
		line, err := bufio.NewReader(r).ReadString('\n')
		listens := strings.HasPrefix(line, "Readout listens on 127.0.0.1:")
		if err != nil || !listens || !strings.HasSuffix(line, " "+want) {
			t.Errorf("the server prints %q (%v), want it to end with %q", line, err, want)
		}
		stop()
		if status := <-ended; status != 0 {
			t.Errorf("the server ends with status %d", status)
		}
	}
}
