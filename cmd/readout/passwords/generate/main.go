// Command generate writes the list of package passwords: the 10,000 commonest passwords of the library zxcvbn, under
// its MIT licence.
package main

import (
	"compress/gzip"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/trustelem/zxcvbn/frequency"
)

const size = 10_000

func main() {
	list := slices.Clone(frequency.FrequencyLists["passwords"][:size])
	slices.Sort(list) // neighbours that begin alike compress better
	if err := write("common.txt.gz", strings.Join(list, "\n")); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(name, text string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write([]byte(text)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}
