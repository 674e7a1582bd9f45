package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"unicode/utf8"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// Fields are the members that an object may have: where the value of each goes. The types are **string, **bool and
// other pointers to pointers to strings, or what decodes itself and names its JSONType; a member that is missing leaves nil.
type Fields map[string]any

// DecodeBody reads the JSON object of a request, which [Gate.ReadBody] has read. It is stricter than encoding/json: names are exact and come once,
// null is no value, nothing follows the object. It fails with [liveblog.Malformed] or [liveblog.Invalid] and names
// each member at fault.
func DecodeBody(c *fiber.Ctx, into Fields) error {
	return decodeObject(Body(c), into)
}

// IsJSON refuses a request whose body says that it is something else.
func IsJSON(c *fiber.Ctx) error {
	mediaType, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	charset := params["charset"]
	if err != nil || mediaType != fiber.MIMEApplicationJSON || charset != "" && charset != "utf-8" && charset != "UTF-8" {
		c.Set(fiber.HeaderAccept, fiber.MIMEApplicationJSON)
		return liveblog.FieldErrorf(UnsupportedMedia, fiber.HeaderContentType, "Send the body as application/json.")
	}
	return nil
}

func decodeObject(body []byte, into Fields) error {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return liveblog.Errorf(liveblog.Malformed, "The request has no body; send a JSON object.")
	case !utf8.Valid(body):
		return liveblog.Errorf(liveblog.Malformed, "The body is not valid UTF-8 text.")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil {
		return notJSON(dec, err)
	} else if t != json.Delim('{') {
		return liveblog.Errorf(liveblog.Malformed, "The body must be a JSON object.")
	}
	var unknown, wrong Faults
	seen := map[string]bool{} // of the known names, since there is no end of others
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return notJSON(dec, err)
		}
		name := t.(string) // the decoder accepts nothing else for a name
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return notJSON(dec, err)
		}
		target, known := into[name]
		switch {
		case !known:
			unknown.Addf(name, "There is no field “%s” here.", clip(name))
		case seen[name]:
			unknown.Addf(name, "The field “%s” comes twice.", name)
		case string(value) == "null":
			seen[name] = true
			wrong.Addf(name, "The field “%s” must be %s.", name, valueOf(target))
		default:
			seen[name] = true
			err := json.Unmarshal(value, target)
			if e, ok := errors.AsType[*liveblog.Error](err); ok {
				wrong.Add(e) // a value with rules of its own
			} else if err != nil {
				wrong.Addf(name, "The field “%s” must be %s.", name, valueOf(target))
			}
		}
	}
	if _, err := dec.Token(); err != nil {
		return notJSON(dec, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return liveblog.Errorf(liveblog.Malformed, "Something follows the JSON object.")
	}
	if len(unknown.Fields) > 0 {
		return &liveblog.Error{Code: liveblog.Malformed, Message: unknown.Fields[0].Message, Fields: unknown.Fields, Omitted: unknown.Omitted}
	}
	if len(wrong.Fields) > 0 {
		return &liveblog.Error{Code: liveblog.Invalid, Message: wrong.Fields[0].Message, Fields: wrong.Fields, Omitted: wrong.Omitted}
	}
	return nil
}

func notJSON(dec *json.Decoder, err error) error {
	e := liveblog.Errorf(liveblog.Malformed, "The body is not valid JSON at byte %d.", dec.InputOffset())
	e.Err = err
	return e
}

// Faults are the first of the faults of a request, as many as an answer names, and how many there are beside them.
type Faults struct {
	Fields  []liveblog.FieldError
	Omitted int
}

func (f *Faults) Addf(field, format string, args ...any) {
	if len(f.Fields) == liveblog.MaxFieldErrors {
		f.Omitted++
		return
	}
	f.Fields = append(f.Fields, liveblog.FieldError{Field: clip(field), Message: fmt.Sprintf(format, args...)})
}

func (f *Faults) Add(e *liveblog.Error) {
	for _, field := range e.Fields {
		f.Addf(field.Field, "%s", field.Message)
	}
	f.Omitted += e.Omitted
}

func (f *Faults) Count() int { return len(f.Fields) + f.Omitted }

func valueOf(target any) string {
	switch v := target.(type) {
	case **bool:
		return "true or false"
	case interface{ JSONType() string }:
		return v.JSONType()
	}
	return "text"
}
