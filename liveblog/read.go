package liveblog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// This file parses JSON more strictly than encoding/json does: the case of names matters, duplicate names and null are
// refused, and errors name the path of the value.

// member is one member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// maxMembers is more than any valid object has. So if an object has more members, one of the first maxMembers is
// unknown or comes twice, and the others need not be read.
const maxMembers = 100

// members returns the first [maxMembers] members of a JSON object in their order. Ok is false if text is no object.
func members(text []byte) (all []member, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for dec.More() && len(all) < maxMembers {
		t, err := dec.Token()
		if err != nil {
			return nil, false
		}
		var m member
		m.name = t.(string) // the decoder accepts only strings as names
		if dec.Decode(&m.value) != nil {
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

// items returns the first keep items of a JSON list, and the number of all items. Ok is false if text is no list.
func items(text []byte, keep int) (first []json.RawMessage, n int, ok bool) {
	text = bytes.TrimSpace(text)
	if !json.Valid(text) || text[0] != '[' {
		return nil, 0, false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, 0, false
	}
	var discarded json.RawMessage // a buffer for the items that are not kept
	for ; dec.More(); n++ {
		into := &discarded
		if n < keep {
			first = append(first, nil)
			into = &first[n]
		}
		if err := dec.Decode(into); err != nil {
			return nil, 0, false
		}
	}
	return first, n, true
}

// maxTexts is more than any valid list of texts has; the limits of each list are lower and checked later.
const maxTexts = 1000

// readValue decodes a JSON value and reports whether it has the type of into. It refuses null and lists that contain
// null.
func readValue(text []byte, into any) bool {
	if list, n, ok := items(text, maxTexts); ok {
		if n > maxTexts {
			return false
		}
		for _, item := range list {
			if isNull(item) {
				return false
			}
		}
	}
	return !isNull(text) && json.Unmarshal(text, into) == nil
}

func isNull(text []byte) bool { return string(bytes.TrimSpace(text)) == "null" }

// valueName returns what a message calls the value that a field takes.
func valueName(into any) string {
	switch into.(type) {
	case *time.Time, **time.Time:
		return "a time such as 2025-10-30T11:00:00+09:00"
	case *[]string:
		return "a list of texts"
	}
	return "a text"
}

// ParseSetup parses the JSON of a setup from a request or a file. It fails with [Malformed] if text is no JSON object
// or has unknown members, and with [Invalid] if a value has the wrong type. It names members as in
// "parties[1].time_zone".
func ParseSetup(text []byte) (setup Setup, err error) {
	if !utf8.Valid(text) {
		return setup, FieldErrorf(Malformed, "setup", "The setup is not valid UTF-8 text.")
	}
	var whole json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&whole); err != nil {
		return setup, notSetup(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return setup, notSetup(errors.New("something follows the object"))
	}
	r := setupReader{}
	r.read("", whole, reflect.ValueOf(&setup).Elem())
	if err := r.unknown.First(Malformed); err != nil {
		return setup, err
	}
	return setup, r.wrong.err()
}

func notSetup(cause error) error {
	e := FieldErrorf(Malformed, "setup", "The setup must be a JSON object, and nothing behind it.")
	e.Err = cause
	return e
}

// setupReader collects the errors in the JSON of a setup.
type setupReader struct{ unknown, wrong FieldErrors }

// read decodes a value of one of the setup's types: a struct, a list, or a field of a struct.
func (r *setupReader) read(at string, text []byte, into reflect.Value) {
	name := at
	if name == "" {
		name = "setup"
	}
	switch {
	case into.Kind() == reflect.Struct && into.Type() != reflect.TypeFor[time.Time]():
		all, ok := members(text)
		if !ok {
			r.wrong.Addf(name, "“%s” must be an object.", name)
			return
		}
		r.object(at, all, into)
	case into.Kind() == reflect.Slice:
		list, n, ok := items(text, maxSetupItems)
		switch {
		case !ok:
			r.wrong.Addf(name, "“%s” must be a list.", name)
			return
		case n > maxSetupItems:
			r.wrong.Addf(name, "There are %d %s; %d is the limit.", n, name, maxSetupItems)
			return
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for i, item := range list {
			r.read(fmt.Sprintf("%s[%d]", at, i), item, into.Index(i))
		}
	case !readValue(text, into.Addr().Interface()):
		r.wrong.Addf(name, "“%s” must be %s.", name, valueName(into.Addr().Interface()))
	}
}

func (r *setupReader) object(at string, all []member, into reflect.Value) {
	seen := map[string]bool{}
	for _, m := range all {
		path := strings.TrimPrefix(at+"."+clip(m.name, 60), ".")
		target, ok := memberField(into, m.name)
		switch {
		case !ok:
			r.unknown.Addf(path, "There is no field “%s” here.", path)
		case seen[m.name]:
			r.unknown.Addf(path, "The field “%s” comes twice.", path)
		default:
			r.read(path, m.value, target)
		}
		seen[m.name] = true
	}
}

// memberField returns the field of a struct with the given JSON name.
func memberField(into reflect.Value, name string) (reflect.Value, bool) {
	for i := range into.NumField() {
		tag, _, _ := strings.Cut(into.Type().Field(i).Tag.Get("json"), ",")
		if tag == name {
			return into.Field(i), true
		}
	}
	return reflect.Value{}, false
}
