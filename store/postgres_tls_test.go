package store

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// TestPostgresAuthority fails if a connection does not use the URL's sslrootcert, or does not check the server's name.
func TestPostgresAuthority(t *testing.T) {
	t.Parallel()
	ts := httptest.NewTLSServer(nil)
	defer ts.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ts.Certificate().Raw}),
		0o600); err != nil {
		t.Fatal(err)
	}
	const base = "postgres://u:p@db.example/d?sslmode=verify-full"
	for url, own := range map[string]bool{base: false, base + "&sslrootcert=" + file: true} {
		cfg, err := parsePostgres(url)
		if err != nil {
			t.Fatal(err)
		}
		c := cfg.conn.TLSConfig
		if c == nil || c.ServerName != "db.example" || c.InsecureSkipVerify || (c.RootCAs != nil) != own ||
			len(cfg.conn.Fallbacks) > 0 {
			t.Errorf("%s: %+v", url, c)
		}
		if hosts := PlainHosts(url); len(hosts) > 0 {
			t.Errorf("%s: PlainHosts returned %q", url, hosts)
		}
	}
	if _, err := parsePostgres(base + "&sslrootcert=/nowhere.pem"); err == nil {
		t.Error("a missing sslrootcert was accepted")
	}
}
