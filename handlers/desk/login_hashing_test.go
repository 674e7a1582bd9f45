package desk

import (
	"testing"
	"testing/synctest"
	"time"

	"readout/liveblog"
)

func TestLoginWaitsForHashingAtMostThreeSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &Handlers{hashing: make(chan struct{}, MaxHashing)}
		for range MaxHashing {
			if err := d.acquireHashing(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if err := d.acquireHashing(t.Context()); liveblog.CodeOf(err) != liveblog.Unavailable ||
			time.Since(start) != hashingWait {
			t.Errorf("without a free slot, acquireHashing returned %[2]v after %[1]s", time.Since(start), err)
		}
		go func() {
			time.Sleep(hashingWait / 2)
			<-d.hashing
		}()
		if err := d.acquireHashing(t.Context()); err != nil {
			t.Errorf("acquireHashing did not get the slot that was released: %v", err)
		}
	})
}
