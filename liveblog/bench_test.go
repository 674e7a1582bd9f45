package liveblog_test

import (
	"fmt"
	"testing"

	"readout/liveblog"
)

// BenchmarkFold is where the talks stand after 500 entries with acts.
func BenchmarkFold(b *testing.B) {
	setup, list := talksSetup(), []liveblog.Statement{}
	for n := range 500 {
		act := claim(fmt.Sprintf("claim-%d", n%50), "reported", fmt.Sprintf("They buy %d tonnes.", n), "")
		if n%2 == 0 {
			act = move(setup.Tracks[n/2%2].ID, liveblog.TrackStates()[1+n/4%2])
		}
		list = append(list, said(n+1, float64(n)/60, act))
	}
	b.ReportAllocs()
	for b.Loop() {
		liveblog.Fold(setup, list)
	}
}
