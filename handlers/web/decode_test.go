package web

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"readout/liveblog"
)

// entryLike are fields of the types that the API has.
func entryLike(p *liveblog.EntryPatch) Fields {
	return Fields{"headline": &p.Headline, "body": &p.Body, "key_event": &p.KeyEvent, "pinned": &p.Pinned, "status": &p.Status}
}

func TestDecodeObject(t *testing.T) {
	t.Parallel()
	var p liveblog.EntryPatch
	if err := decodeObject([]byte(` {"headline":"Talks","key_event":true,"status":"draft"} `+"\n"), entryLike(&p)); err != nil {
		t.Fatal(err)
	}
	if p.Headline == nil || *p.Headline != "Talks" || p.KeyEvent == nil || !*p.KeyEvent || p.Status == nil || *p.Status != liveblog.Draft || p.Body != nil || p.Pinned != nil {
		t.Errorf("decoded %+v", p)
	}

	for _, tc := range []struct {
		name, body string
		code       liveblog.Code
		fields     string
	}{
		{"nothing", "", liveblog.Malformed, ""},
		{"white space", " \n", liveblog.Malformed, ""},
		{"no JSON", "headline=x", liveblog.Malformed, ""},
		{"cut off", `{"headline":"x"`, liveblog.Malformed, ""},
		{"cut off in a text", `{"headline":"x`, liveblog.Malformed, ""},
		{"a list", `[{"headline":"x"}]`, liveblog.Malformed, ""},
		{"a text", `"x"`, liveblog.Malformed, ""},
		{"null", `null`, liveblog.Malformed, ""},
		{"a name that is no text", `{1:"x"}`, liveblog.Malformed, ""},
		{"a comma too many", `{"headline":"x",}`, liveblog.Malformed, ""},
		{"something after it", `{} {}`, liveblog.Malformed, ""},
		{"rubbish after it", `{}x`, liveblog.Malformed, ""},
		{"not UTF-8", "{\"headline\":\"\xff\"}", liveblog.Malformed, ""},
		{"an unknown field", `{"headlin":"x"}`, liveblog.Malformed, "headlin"},
		{"a long unknown field", `{"` + strings.Repeat("é", 100) + `":1}`, liveblog.Malformed, strings.Repeat("é", 60) + "…"},
		{"a name in other case", `{"Headline":"x"}`, liveblog.Malformed, "Headline"},
		{"two unknown fields", `{"a":1,"b":2}`, liveblog.Malformed, "a b"},
		{"a field twice", `{"body":"x","body":"y"}`, liveblog.Malformed, "body"},
		{"a number for a text", `{"headline":3}`, liveblog.Invalid, "headline"},
		{"a text for a truth value", `{"pinned":"true"}`, liveblog.Invalid, "pinned"},
		{"null for a text", `{"body":null}`, liveblog.Invalid, "body"},
		{"null for a truth value", `{"key_event":null}`, liveblog.Invalid, "key_event"},
		{"an object for a text", `{"status":{}}`, liveblog.Invalid, "status"},
		{"two wrong types", `{"body":[],"pinned":0}`, liveblog.Invalid, "body pinned"},
		{"very deep", `{"body":` + strings.Repeat("[", 200_000), liveblog.Malformed, ""},
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

// BenchmarkDecodeWrongKeys shows that the work for a body grows no faster than its length.
func BenchmarkDecodeWrongKeys(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		body := []byte("{" + strings.Repeat(`"k":0,`, n-1) + `"k":0}`)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for range b.N {
				var p liveblog.EntryPatch
				if decodeObject(body, entryLike(&p)) == nil {
					b.Fatal("it passes")
				}
			}
		})
	}
}
