package desk

import (
	"testing"
	"time"
)

func TestCommonZonesExist(t *testing.T) {
	t.Parallel()
	for _, name := range commonZones() {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
}
