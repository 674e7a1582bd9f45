package passwords

import (
	"testing"

	"github.com/trustelem/zxcvbn/frequency"
)

// It fails if the list was cut, or generated from something other than the library's first 10,000 passwords.
func TestListHasTheCommonestPasswords(t *testing.T) {
	t.Parallel()
	list := read()
	if len(list) != 10_000 {
		t.Errorf("the list has %d passwords", len(list))
	}
	for _, password := range frequency.FrequencyLists["passwords"][:10_000] {
		if _, found := list[password]; !found {
			t.Errorf("the list lacks %q", password)
		}
	}
	common := Common()
	if !common("password") || !common("123456") || common("correct horse battery staple") || common("") {
		t.Error("the function does not answer from the list")
	}
}
