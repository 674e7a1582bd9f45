package liveblog

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
)

// Cursor is a position in one blog's log. Its text form is "epoch.seq", for example "9f2c41d07ab3.118".
//
// The epoch is random and renewed when a database is restored, so that cursors of the lost history are recognized. The
// seq counts the changes that readers see, from 1, without gaps.
type Cursor struct {
	Epoch string // 12 hexadecimal digits, lower case
	Seq   int64  // 0 is the blog before its first change
}

const epochDigits = 12

// NewEpoch returns a random epoch.
func NewEpoch() string {
	var b [epochDigits / 2]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// String returns the text form.
func (c Cursor) String() string { return c.Epoch + "." + strconv.FormatInt(c.Seq, 10) }

// IsZero reports whether c is the zero value, which is not a valid cursor.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// ParseCursor parses the text form. It fails with [Malformed], naming the field "after".
func ParseCursor(s string) (Cursor, error) {
	epoch, digits, ok := strings.Cut(s, ".")
	seq, err := strconv.ParseInt(digits, 10, 64)
	if !ok || len(epoch) != epochDigits || strings.Trim(epoch, "0123456789abcdef") != "" ||
		err != nil || seq < 0 || strconv.FormatInt(seq, 10) != digits {
		return Cursor{}, FieldErrorf(Malformed, "after",
			"“after” is not a cursor; take one from the page or from an earlier answer.")
	}
	return Cursor{Epoch: epoch, Seq: seq}, nil
}
