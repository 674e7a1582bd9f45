package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"unicode/utf8"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// Fields maps the names of the members that a JSON object may have to where their values go. A value is a pointer to
// a pointer, such as **string or **bool, or something that implements json.Unmarshaler and has a method JSONType()
// string. The pointer of a member that is missing stays nil.
type Fields map[string]any

// DecodeBody decodes the JSON object in the body that [Gate.ReadBody] read. It is stricter than encoding/json: names
// must match exactly and appear once, null is not a value, and nothing may follow the object. It fails with
// [liveblog.Malformed] or [liveblog.Invalid] and names each wrong member.
func DecodeBody(c *fiber.Ctx, into Fields) error {
	return decodeObject(Body(c), into)
}

// CheckJSON refuses a request whose Content-Type is not JSON in UTF-8.
func CheckJSON(c *fiber.Ctx) error {
	mediaType, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	charset := params["charset"]
	if err != nil || mediaType != fiber.MIMEApplicationJSON ||
		charset != "" && charset != "utf-8" && charset != "UTF-8" {
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
	var unknown, wrong liveblog.FieldErrors
	seen := map[string]bool{} // known names only, which bounds it
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return notJSON(dec, err)
		}
		name := t.(string) // the decoder accepts only a string here
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return notJSON(dec, err)
		}
		target, known := into[name]
		switch {
		case !known:
			unknown.Addf(Truncate(name, maxName), "There is no field “%s” here.", Truncate(name, maxName))
		case seen[name]:
			unknown.Addf(name, "The field “%s” comes twice.", name)
		case string(value) == "null":
			seen[name] = true
			wrong.Addf(name, "The field “%s” must be %s.", name, typeName(target))
		default:
			seen[name] = true
			err := json.Unmarshal(value, target)
			if e, ok := errors.AsType[*liveblog.Error](err); ok {
				wrong.Add(e) // from the value's own UnmarshalJSON
			} else if err != nil {
				wrong.Addf(name, "The field “%s” must be %s.", name, typeName(target))
			}
		}
	}
	if _, err := dec.Token(); err != nil {
		return notJSON(dec, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return liveblog.Errorf(liveblog.Malformed, "The body must end after the JSON object.")
	}
	if err := unknown.First(liveblog.Malformed); err != nil {
		return err
	}
	return wrong.First(liveblog.Invalid)
}

func notJSON(dec *json.Decoder, err error) error {
	e := liveblog.Errorf(liveblog.Malformed, "The body is not valid JSON at byte %d.", dec.InputOffset())
	e.Err = err
	return e
}

// typeName returns what a member must be, in words for a message.
func typeName(target any) string {
	switch v := target.(type) {
	case **bool:
		return "true or false"
	case interface{ JSONType() string }:
		return v.JSONType()
	}
	return "text"
}
