package desk

import (
	"testing"
	"testing/synctest"
	"time"

	"readout/liveblog"
)

func TestLoginWaitsForItsTurnNoLongerThanThreeSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &Handlers{hashing: make(chan struct{}, MaxHashing)}
		for range MaxHashing {
			if err := d.awaitTurn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if err := d.awaitTurn(t.Context()); liveblog.CodeOf(err) != liveblog.Unavailable || time.Since(start) != hashingWait {
			t.Errorf("after %s the third gets %v", time.Since(start), err)
		}
		go func() {
			time.Sleep(hashingWait / 2)
			<-d.hashing
		}()
		if err := d.awaitTurn(t.Context()); err != nil {
			t.Errorf("a turn that came free was not taken: %v", err)
		}
	})
}
