package web

import (
	"testing"

	"readout/liveblog"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		header, tag string
		want        bool
	}{
		{``, `"a"`, false},
		{`"a"`, `"a"`, true},
		{`*`, `"a"`, true},
		{`W/"a"`, `"a"`, true},
		{`"a"`, `W/"a"`, true},
		{`"b", "a"`, `"a"`, true},
		{`"b",W/"a" , "c"`, `"a"`, true},
		{`"b", "c"`, `"a"`, false},
		{`a`, `"a"`, false},
		{`"a`, `"a"`, false},
		{`"a-br"`, `"a"`, false},
		{`"x,y", "a"`, `"a"`, true},
		{`b, "a"`, `"a"`, false},
		{`w/"a"`, `"a"`, false},
		{`,, "a"`, `"a"`, true},
	} {
		if got := matches(tc.header, tc.tag); got != tc.want {
			t.Errorf("matches(%s, %s) is %t", tc.header, tc.tag, got)
		}
	}
}

func TestParseIfMatch(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]int{`"3"`: 3, ` "12" `: 12, `*`: 0} {
		if got, err := ParseIfMatch(header); got != want || err != nil {
			t.Errorf("ParseIfMatch(%s) is %d, %v; want %d", header, got, err, want)
		}
	}
	for _, header := range []string{``, `3`, `W/"3"`, `"3`, `3"`, `"0"`, `"-1"`, `"+3"`, `"03"`, `"3", "4"`, `"x"`,
		`""`, `"99999999999999999999"`, `"`} {
		_, err := ParseIfMatch(header)
		e, ok := err.(*liveblog.Error)
		if !ok || e.Code != liveblog.Malformed || len(e.Fields) != 1 || e.Fields[0].Field != "If-Match" {
			t.Errorf("ParseIfMatch(%s) fails with %v, want malformed, naming If-Match", header, err)
		}
	}
}
