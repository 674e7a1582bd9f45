package liveblog_test

import (
	"fmt"
	"testing"

	"readout/liveblog"
)

// BenchmarkFold folds acts, 50 in each entry: a chain of claims that each rest on the one before, and changes of one
// claim and one track. The ns/act of different sizes may grow with the logarithm of the size, but not with the size.
func BenchmarkFold(b *testing.B) {
	setup := talksSetup()
	shapes := map[string]func(i int) liveblog.Act{
		"chain": func(i int) liveblog.Act {
			return claim(fmt.Sprint("claim-", i), "reported", "They buy.", fmt.Sprint("claim:claim-", i-1))
		},
		"changes": func(i int) liveblog.Act {
			if i%2 == 0 {
				return move(setup.Tracks[0].ID, liveblog.TrackStates()[1+i/2%2])
			}
			return claim("claim", "reported", fmt.Sprintf("They buy %d tonnes.", i), "")
		},
	}
	for shape, act := range shapes {
		for _, n := range []int{200, 2_000, 20_000} {
			var list []liveblog.Statement
			for i := 0; i < n; i += liveblog.MaxActs {
				var acts []liveblog.Act
				for k := range liveblog.MaxActs {
					acts = append(acts, act(i+k))
				}
				list = append(list, said(i+1, float64(i)/60, acts...))
			}
			ledger := liveblog.NewLedger(setup, list)
			b.Run(fmt.Sprintf("%s/%d", shape, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					ledger.Fold()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/act")
			})
			b.Run(fmt.Sprintf("%s/%d/decoded", shape, n), func(b *testing.B) {
				for b.Loop() {
					liveblog.Fold(setup, list)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/act")
			})
		}
	}
}
