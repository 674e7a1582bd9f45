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

// Requests and files are read more strictly than encoding/json reads them: names are exact and come once, null is no
// value, and what is wrong is told by its path.

// member is one member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// maxMembers is more than any object here has: whatever has more has one among the first that is unknown or comes twice.
const maxMembers = 100

// members returns the members of a JSON object in their order, the first [maxMembers] of them, and whether it is one.
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
		m.name = t.(string) // the decoder accepts nothing else for a name
		if dec.Decode(&m.value) != nil {
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

// items returns the first items of a JSON list, at most as many as keep says, how many there are, and whether it is a list.
func items(text []byte, keep int) (first []json.RawMessage, n int, ok bool) {
	text = bytes.TrimSpace(text)
	if !json.Valid(text) || text[0] != '[' {
		return nil, 0, false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, 0, false
	}
	var passed json.RawMessage // used again for what is not kept
	for ; dec.More(); n++ {
		into := &passed
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

// maxTexts is more than any list of texts may have; each has a limit of its own.
const maxTexts = 1000

// readValue reads a JSON value that is not null, nor a list with one, and reports whether it is what is wanted.
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

// valueName says in a message what a field takes.
func valueName(into any) string {
	switch into.(type) {
	case *time.Time, **time.Time:
		return "a time such as 2025-10-30T11:00:00+09:00"
	case *[]string:
		return "a list of texts"
	}
	return "a text"
}

// ParseSetup reads a setup from JSON, of a request or a file. It fails with [Malformed] for what is no JSON object and for
// unknown members, and with [Invalid] for values of other types; members are named as "parties[1].time_zone".
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
	if len(r.unknown.fields) > 0 {
		return setup, &Error{Code: Malformed, Message: r.unknown.fields[0].Message, Fields: r.unknown.fields, Omitted: r.unknown.omitted}
	}
	return setup, r.wrong.err()
}

func notSetup(cause error) error {
	e := FieldErrorf(Malformed, "setup", "The setup must be a JSON object, and nothing behind it.")
	e.Err = cause
	return e
}

// setupReader collects what is wrong with the JSON of a setup.
type setupReader struct{ unknown, wrong invalid }

// read reads a value of the setup's types: structs, lists, and what stands in them.
func (r *setupReader) read(at string, text []byte, into reflect.Value) {
	name := at
	if name == "" {
		name = "setup"
	}
	switch {
	case into.Kind() == reflect.Struct && into.Type() != reflect.TypeFor[time.Time]():
		all, ok := members(text)
		if !ok {
			r.wrong.addf(name, "“%s” must be an object.", name)
			return
		}
		r.object(at, all, into)
	case into.Kind() == reflect.Slice:
		list, n, ok := items(text, maxSetupItems)
		switch {
		case !ok:
			r.wrong.addf(name, "“%s” must be a list.", name)
			return
		case n > maxSetupItems:
			r.wrong.addf(name, "There are %d %s; %d is the limit.", n, name, maxSetupItems)
			return
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for i, item := range list {
			r.read(fmt.Sprintf("%s[%d]", at, i), item, into.Index(i))
		}
	case !readValue(text, into.Addr().Interface()):
		r.wrong.addf(name, "“%s” must be %s.", name, valueName(into.Addr().Interface()))
	}
}

func (r *setupReader) object(at string, all []member, into reflect.Value) {
	seen := map[string]bool{}
	for _, m := range all {
		path := strings.TrimPrefix(at+"."+clip(m.name, 60), ".")
		target, ok := memberField(into, m.name)
		switch {
		case !ok:
			r.unknown.addf(path, "There is no field “%s” here.", path)
		case seen[m.name]:
			r.unknown.addf(path, "The field “%s” comes twice.", path)
		default:
			r.read(path, m.value, target)
		}
		seen[m.name] = true
	}
}

// memberField returns the field of a struct that has the name in JSON.
func memberField(into reflect.Value, name string) (reflect.Value, bool) {
	for i := range into.NumField() {
		tag, _, _ := strings.Cut(into.Type().Field(i).Tag.Get("json"), ",")
		if tag == name {
			return into.Field(i), true
		}
	}
	return reflect.Value{}, false
}
