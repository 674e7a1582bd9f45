// Package passwords knows the 10,000 commonest passwords. The list is that of the library zxcvbn; see LICENSE.
package passwords

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the list
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:generate go run ./generate

//go:embed common.txt.gz
var compressed []byte

// Common returns a function that reports whether a text in lower case is one of the list. The function reads the list
// at its first call, since most commands of the program need none.
func Common() func(text string) bool {
	list := sync.OnceValue(read)
	return func(text string) bool {
		_, found := list()[text]
		return found
	}
}

func read() map[string]struct{} {
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		panic(fmt.Errorf("the embedded list of passwords: %w", err))
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(fmt.Errorf("the embedded list of passwords: %w", err))
	}
	list := map[string]struct{}{}
	for password := range strings.SplitSeq(string(text), "\n") {
		list[password] = struct{}{}
	}
	return list
}
