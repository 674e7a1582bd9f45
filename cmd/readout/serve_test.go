package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
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

// It fails if a server on a database without users does not print the address for the first admin, or prints one that
// does not work, or if a server on a database with a user prints one.
func TestServePrintsTheFirstRun(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "readout.db")
	serve := func(look func(lines *bufio.Reader)) {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		r, w := io.Pipe()
		ended := make(chan int, 1)
		go func() {
			defer w.Close()
			args := []string{"serve", "--listen", "127.0.0.1:0", "--drain", "0s", "--database", url}
			ended <- run(ctx, args, streams{strings.NewReader(""), w, io.Discard})
		}()
		lines := bufio.NewReader(r)
		if _, err := lines.ReadString('\n'); err != nil {
			t.Error(err)
		}
		look(lines)
		stop()
		if rest, err := io.ReadAll(lines); err != nil || strings.Contains(string(rest), "/setup/") {
			t.Errorf("the server prints %q, %v", rest, err)
		}
		if status := <-ended; status != 0 {
			t.Errorf("the server ends with status %d", status)
		}
	}
	serve(func(lines *bufio.Reader) {
		line, err := lines.ReadString('\n')
		address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/setup/[\w-]{43}\n`).FindString(line)
		if err != nil || address == "" {
			t.Errorf("the second line is %q, %v", line, err)
			return
		}
		res, err := http.Get(strings.TrimSpace(address))
		if err != nil {
			t.Error(err)
			return
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", address, res.StatusCode)
		}
	})
	args := []string{"user", "add", "--email", "ana@paper.example", "--role", "admin", "--database", url}
	if status := run(t.Context(), args, streams{strings.NewReader(""), io.Discard, io.Discard}); status != 0 {
		t.Fatalf("user add ends with status %d", status)
	}
	serve(func(*bufio.Reader) {})
}
