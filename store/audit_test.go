package store

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// It fails if any statement of the program but that of ExpireAudit changes or deletes a line of the audit.
func TestNothingChangesTheAudit(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"*.go", "migrations/*.sql", "migrations/*/*.sql"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	changes := regexp.MustCompile(`(?i)(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE(\s+TABLE)?|DROP\s+TABLE)` +
		`\s+"?audit"?\b.*`)
	var got []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range changes.FindAllString(string(text), -1) {
			got = append(got, file+": "+s)
		}
	}
	if len(got) != 1 || !strings.HasPrefix(got[0], "audit.go: DELETE FROM audit WHERE id < $1") {
		t.Errorf("statements that change the audit: %q", got)
	}
}
