package liveblog_test

import (
	"strings"
	"testing"

	"readout/liveblog"
)

func TestParseCursor(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"9f2c41d07ab3.0", "000000000000.9223372036854775807"} {
		if c, err := liveblog.ParseCursor(good); err != nil || c.String() != good {
			t.Errorf("%q: %v %v", good, c, err)
		}
	}
	for _, bad := range []string{"", ".", "9f2c41d07ab3", "9f2c41d07ab3.", "9f2c41d07ab3.-1", "9f2c41d07ab3.01",
		"9f2c41d07ab3.+1",
		"9F2C41D07AB3.1", "9f2c41d07ab.1", "9f2c41d07ab3.9223372036854775808", "9f2c41d07ab3.1.1", "9f2c41d07ab3.1 "} {
		_, err := liveblog.ParseCursor(bad)
		if liveblog.CodeOf(err) != liveblog.Malformed || fields(err) != "after" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add("9f2c41d07ab3.118")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := liveblog.ParseCursor(s); err == nil && c.String() != s {
			t.Errorf("%q was parsed as %q", s, c)
		}
	})
}

func TestBlogPatchNamesEachFieldAtFault(t *testing.T) {
	t.Parallel()
	good := liveblog.Blog{Slug: "talks", Title: "Talks", Status: liveblog.Live, TimeZone: "Asia/Seoul",
		Language: "zh-Hans"}
	type patch = liveblog.BlogPatch
	for _, tt := range []struct {
		name  string
		blog  liveblog.Blog
		patch patch
		want  string
	}{
		{"nothing", good, patch{}, ""},
		{"title of spaces", good, patch{Title: new(" \n\t ")}, "title"},
		{"long title", good, patch{Title: new(strings.Repeat("é", 201))}, "title"},
		{"longest title", good, patch{Title: new(strings.Repeat("é", 200))}, ""},
		{"broken text", good, patch{Standfirst: new("a\xff")}, "standfirst"},
		{"NUL", good, patch{Standfirst: new("a\x00b")}, "standfirst"},
		{"status", good, patch{Status: new(liveblog.BlogStatus("over"))}, "status"},
		{"no such zone", good, patch{TimeZone: new("Asia/Atlantis")}, "time_zone"},
		{"machine's zone", good, patch{TimeZone: new("Local")}, "time_zone"},
		{"no zone", good, patch{TimeZone: new("")}, "time_zone"},
		{"language", good, patch{Language: new("english please")}, "language"},
		{"several", good, patch{Title: new(""), TimeZone: new("x"), Language: new("")}, "title time_zone language"},
	} {
		_, err := tt.patch.Apply(tt.blog)
		if got := fields(err); got != tt.want || err != nil && liveblog.CodeOf(err) != liveblog.Invalid {
			t.Errorf("%s: fields %q, want %q (%v)", tt.name, got, tt.want, err)
		}
	}
	for _, slug := range []string{"", "-a", "a-", "a--b", "A", "a b", "a/b", "ä", "a.b", "..",
		strings.Repeat("a", 81)} {
		b := good
		b.Slug = slug
		if _, err := (patch{}).Apply(b); fields(err) != "slug" {
			t.Errorf("slug %q: %v", slug, err)
		}
	}
}

func TestEffectOf(t *testing.T) {
	t.Parallel()
	type entry = liveblog.Entry
	draft, public, removed := entry{Status: liveblog.Draft}, entry{Status: liveblog.Published},
		entry{Status: liveblog.Removed}
	key := entry{Status: liveblog.Published, KeyEvent: true}
	removedKey := entry{Status: liveblog.Removed, KeyEvent: true}
	draftKey := entry{Status: liveblog.Draft, KeyEvent: true}
	summary := entry{Status: liveblog.Published, Summary: true}
	for _, tt := range []struct {
		name        string
		prev        *entry
		next        entry
		entry, head bool
	}{
		{"a new draft", nil, draft, false, false},
		{"a new draft of a key event", nil, draftKey, false, false},
		{"a draft removed", &draft, removed, false, false},
		{"a new entry", nil, public, true, false},
		{"a draft published", &draft, public, true, false},
		{"an edit", &public, public, true, false},
		{"a removal", &public, removed, true, false},
		{"a new key event", nil, key, true, true},
		{"a key event no longer", &key, public, true, true},
		{"a key event removed", &key, removedKey, true, true},
		{"a summary", &public, summary, true, true},
	} {
		if got := liveblog.EffectOf(tt.prev, tt.next); got.Entry != tt.entry || got.Head != tt.head {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// fields returns the names of the fields in an error, separated by spaces.
func fields(err error) string {
	e, ok := err.(*liveblog.Error)
	if !ok {
		return ""
	}
	var names []string
	for _, f := range e.Fields {
		names = append(names, f.Field)
	}
	return strings.Join(names, " ")
}
