package desk

import (
	"context"
	"strings"

	"readout/views/reader"
)

// Preview is an entry as it would be if the form were saved now.
type Preview struct {
	Entry   string  // the entry's HTML for readers; empty if there is none that can be shown
	Refusal Problem // why saving would be refused; zero if it would not
	Acts    ActsPreview
	Choices MarkChoices
}

// ActsPreview says what the acts of an entry would do that is being edited.
type ActsPreview struct {
	Stated   bool     // the entry has acts, or had some before
	Problems []string // why a draft that can be saved could not be published; whole sentences
	Effects  []Effect
	Approval bool // the acts need a second editor
}

// entryFields are the fields of the composer that can be refused, in their order.
var entryFields = []string{"headline", "body", "acts", "key_event", "pinned", "summary", "correction"}

// elsewhere returns the message of a refusal, unless its fields say it.
func (p Preview) elsewhere() string {
	if len(shownFields(p.Refusal, entryFields...)) > 0 {
		return ""
	}
	return p.Refusal.Message
}

// frameDocument returns the document of the preview's frame, for a blog in the language. Its entry is empty if there is
// nothing to show.
func frameDocument(language, article string) string {
	var s strings.Builder
	if err := reader.Preview(language, article).Render(context.Background(), &s); err != nil {
		return "" // a builder takes everything
	}
	return s.String()
}
