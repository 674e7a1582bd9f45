package realtime

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// fill sets every exported field of a value to something other than its zero value. It fills a list of a type that
// contains the list only at the first level.
func fill(t *testing.T, v reflect.Value, inside ...reflect.Type) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.UnixMicro(1_760_000_000_000_001).UTC()))
	case v.Kind() == reflect.String:
		v.SetString("“谈判” <" + "&>")
	case v.CanInt():
		v.SetInt(1<<31 + 7)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), inside...)
	case v.Kind() == reflect.Slice && slices.Contains(inside, v.Type().Elem()):
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), inside...)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue // such as the index of the talks, which the receiver builds
			}
			fill(t, v.Field(i), append(slices.Clone(inside), v.Type())...)
		}
	default:
		t.Fatalf("fill does not support the type %v", v.Type())
	}
}

// TestWireKeepsEveryField: a message between nodes keeps every field of the domain's types.
func TestWireKeepsEveryField(t *testing.T) {
	t.Parallel()
	var all liveblog.Change
	fill(t, reflect.ValueOf(&all).Elem())
	folded := liveblog.Fold(liveblog.Setup{}, nil)
	want := []liveblog.Change{
		{Cursor: all.Cursor, Talks: all.Talks},
		{Cursor: all.Cursor, Entry: all.Entry},
		{Cursor: all.Cursor, Head: all.Head},
		{Talks: &folded}, {Entry: &liveblog.Entry{}}, {Head: &liveblog.Head{}},
	}
	if n := reflect.TypeFor[liveblog.Change]().NumField(); n != 4 {
		t.Errorf("a change has %d fields; this test expects four", n)
	}
	m, err := parseNodeMessage("B", string(encodeNotice("A", liveblog.Notice{Slug: slug, Changes: want})))
	if err != nil || m.node != "A" || m.kind != kindNotice {
		t.Fatalf("the message is parsed as %+v (%v)", m, err)
	}
	if d := cmp.Diff(want, m.changes, cmpopts.IgnoreUnexported(liveblog.Talks{})); d != "" {
		t.Errorf("the changes differ (-want +got):\n%s", d)
	}
	if n := reflect.TypeFor[liveblog.Notice]().NumField(); n != 2 {
		t.Errorf("a notice has %d fields; the message carries two", n)
	}
}

func TestWireOtherMessages(t *testing.T) {
	t.Parallel()
	refresh := nodeMessage{node: "A", kind: kindRefresh}
	encodeEntry := func(node string, e liveblog.Entry) []byte {
		return encodeNotice(node, liveblog.Notice{Changes: []liveblog.Change{{Entry: &e}}})
	}
	for name, c := range map[string]struct {
		payload []byte
		want    nodeMessage
	}{
		"refresh": {encodeRefresh("A"), refresh},
		"a notice without changes": {
			encodeNotice("A", liveblog.Notice{Slug: slug}), refresh,
		},
		"a notice that is too large": {
			encodeEntry("A", liveblog.Entry{Body: strings.Repeat("x", maxMessage)}), refresh,
		},
		"a time that JSON cannot represent": {
			encodeEntry("A", liveblog.Entry{CreatedAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}), refresh,
		},
		"probe": {
			encodeProbe("A", 12, 5*time.Second),
			nodeMessage{node: "A", kind: kindProbe, readers: 12, validFor: 5 * time.Second},
		},
		"the node's own notice": {
			encodeEntry("B", liveblog.Entry{}), nodeMessage{node: "B", kind: kindNotice},
		},
		"the node's own notice, truncated": {
			[]byte("3 B notice\n[{"), nodeMessage{node: "B", kind: kindNotice},
		},
	} {
		got, err := parseNodeMessage("B", string(c.payload))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s is parsed as %+v (%v), not %+v", name, got, err, c.want)
		}
	}
}

// malformed are messages that no node of this release sends. Receivers refresh from the store.
var malformed = []string{
	"", " ", "3", "3 A", "3  refresh", "2 A refresh", "4 A refresh", "2 A notice\n[]", "3 A news", "3 A doubt",
	"3 A refresh x", "3 A refresh\n",
	"3 A notice", "3 A notice\n", "3 A notice\n[]", "3 A notice\nnull", "3 A notice\n{}", "3 A notice\n[{}]",
	"3 A notice\n[null]", "3 A notice\n[{\"entry\":{}}",
	"3 A notice\n" + `[{"entry":{},"head":{}}]`, "3 A notice\n" + `[{"entry":{"number":"x"}}]`,
	"3 A notice\n" + `[{"talks":{},"head":{}}]`, "3 A notice\n" + `[{"talks":{},"entry":{}}]`,
	"3 A notice\n" + `[{"talks":[]}]`,
	"3 A probe", "3 A probe 1", "3 A probe -1 5", "3 A probe 1 5 6", "3 A probe 99999999999 5", "3 A probe 1 99999",
	"3 A probe 1 5\n",
}

func TestWireRefuses(t *testing.T) {
	t.Parallel()
	for _, payload := range append(malformed, "3 A notice\n"+strings.Repeat(" ", maxMessage)) {
		if m, err := parseNodeMessage("B", payload); err == nil {
			t.Errorf("%.60q is parsed as %+v", payload, m)
		}
	}
}

func FuzzWire(f *testing.F) {
	for _, payload := range malformed {
		f.Add(payload)
	}
	f.Add(string(encodeRefresh("A")))
	f.Add(string(encodeProbe("A", 1, time.Second)))
	f.Add(string(encodeNotice("A", liveblog.Notice{Changes: []liveblog.Change{
		{Entry: &liveblog.Entry{Number: 1, Body: "x"}}, {Head: &liveblog.Head{}}, {Talks: &liveblog.Talks{}},
	}})))
	f.Fuzz(func(t *testing.T, payload string) {
		m, err := parseNodeMessage("B", payload)
		if err != nil || m.kind != kindNotice || m.node == "B" {
			return
		}
		for _, c := range m.changes {
			parts := 0
			for _, present := range []bool{c.Entry != nil, c.Head != nil, c.Talks != nil} {
				if present {
					parts++
				}
			}
			if parts != 1 {
				t.Fatalf("a change with %v, %v and %v", c.Entry, c.Head, c.Talks)
			}
		}
		again, err := parseNodeMessage("B", string(encodeNotice(m.node, liveblog.Notice{Changes: m.changes})))
		same := cmp.Equal(again.changes, m.changes, cmpopts.IgnoreUnexported(liveblog.Talks{}))
		if err != nil || again.kind == kindNotice && !same {
			t.Fatalf("encoded and parsed again it is %+v (%v), not %+v", again, err, m)
		}
	})
}
