package web

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"readout/liveblog"
)

// entryLike returns fields of each type that the API has.
func entryLike(p *liveblog.EntryPatch) Fields {
	return Fields{"headline": &p.Headline, "body": &p.Body, "key_event": &p.KeyEvent, "pinned": &p.Pinned,
		"status": &p.Status}
}

func TestDecodeObject(t *testing.T) {
	t.Parallel()
	var p liveblog.EntryPatch
	if err := decodeObject([]byte(` {"headline":"Talks","key_event":true,"status":"draft"} `+"\n"),
		entryLike(&p)); err != nil {
		t.Fatal(err)
	}
	if p.Headline == nil || *p.Headline != "Talks" || p.KeyEvent == nil || !*p.KeyEvent || p.Status == nil ||
		*p.Status != liveblog.Draft || p.Body != nil || p.Pinned != nil {
		t.Errorf("decoded %+v", p)
	}

	for _, tc := range []struct {
		name, body string
		code       liveblog.Code
		fields     string
	}{
		{"nothing", "", liveblog.Malformed, ""},
		{"white space", " \n", liveblog.Malformed, ""},
		{"not JSON", "headline=x", liveblog.Malformed, ""},
		{"cut off", `{"headline":"x"`, liveblog.Malformed, ""},
		{"cut off in a string", `{"headline":"x`, liveblog.Malformed, ""},
		{"a list", `[{"headline":"x"}]`, liveblog.Malformed, ""},
		{"a string", `"x"`, liveblog.Malformed, ""},
		{"null", `null`, liveblog.Malformed, ""},
		{"a name that is not a string", `{1:"x"}`, liveblog.Malformed, ""},
		{"a trailing comma", `{"headline":"x",}`, liveblog.Malformed, ""},
		{"a second object", `{} {}`, liveblog.Malformed, ""},
		{"text after the object", `{}x`, liveblog.Malformed, ""},
		{"not UTF-8", "{\"headline\":\"\xff\"}", liveblog.Malformed, ""},
		{"an unknown field", `{"headlin":"x"}`, liveblog.Malformed, "headlin"},
		{"a long unknown field", `{"` + strings.Repeat("é", 100) + `":1}`, liveblog.Malformed,
			strings.Repeat("é", 60) + "…"},
		{"a name in the wrong case", `{"Headline":"x"}`, liveblog.Malformed, "Headline"},
		{"two unknown fields", `{"a":1,"b":2}`, liveblog.Malformed, "a b"},
		{"a field twice", `{"body":"x","body":"y"}`, liveblog.Malformed, "body"},
		{"a number for a string", `{"headline":3}`, liveblog.Invalid, "headline"},
		{"a string for a boolean", `{"pinned":"true"}`, liveblog.Invalid, "pinned"},
		{"null for a string", `{"body":null}`, liveblog.Invalid, "body"},
		{"null for a boolean", `{"key_event":null}`, liveblog.Invalid, "key_event"},
		{"an object for a string", `{"status":{}}`, liveblog.Invalid, "status"},
		{"two wrong types", `{"body":[],"pinned":0}`, liveblog.Invalid, "body pinned"},
		{"deep nesting", `{"body":` + strings.Repeat("[", 200_000), liveblog.Malformed, ""},
	} {
		var p liveblog.EntryPatch
		err := decodeObject([]byte(tc.body), entryLike(&p))
		e, ok := errors.AsType[*liveblog.Error](err)
		if !ok || e.Code != tc.code {
			t.Errorf("%s: error %v, want %s", tc.name, err, tc.code)
			continue
		}
		var names []string
		for _, f := range e.Fields {
			names = append(names, f.Field)
		}
		if got := strings.Join(names, " "); got != tc.fields {
			t.Errorf("%s: fields %q, want %q", tc.name, got, tc.fields)
		}
	}
}

func FuzzDecodeObject(f *testing.F) {
	f.Add(`{"headline":"x","pinned":true}`)
	f.Add(`{"a":{"b":[1,2,{}]}}`)
	f.Add(`{"body":"\ud800"} `)
	f.Fuzz(func(t *testing.T, body string) {
		var p liveblog.EntryPatch
		err := decodeObject([]byte(body), entryLike(&p))
		if code := liveblog.CodeOf(err); err != nil && code != liveblog.Malformed && code != liveblog.Invalid {
			t.Errorf("%q fails with %v", body, err)
		}
	})
}

// BenchmarkDecodeWrongKeys shows that decoding time grows linearly with the body.
func BenchmarkDecodeWrongKeys(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		body := []byte("{" + strings.Repeat(`"k":0,`, n-1) + `"k":0}`)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for range b.N {
				var p liveblog.EntryPatch
				if decodeObject(body, entryLike(&p)) == nil {
					b.Fatal("an object with unknown members was accepted")
				}
			}
		})
	}
}
