package server

import "testing"

// Each row is red with another division: with 1,000 open files 500 readers must fit, and with 400 a few requests.
func TestDescriptorsAreDivided(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ limit, wanted, own, readers, plain int }{
		{limit: 400, own: 70, readers: 264, plain: 66},
		{limit: 1000, own: 70, readers: 744, plain: 186},
		{limit: 1000, own: 110, readers: 712, plain: 178},
		{limit: 1000, wanted: 500, own: 70, readers: 500, plain: 430},
		{limit: 1000, wanted: 5000, own: 70, readers: 744, plain: 186},
		{limit: 20_000, own: 70, readers: 15_944, plain: 3986},
		{limit: 20_000, wanted: 100, own: 70, readers: 100, plain: mostPlain},
		{limit: 1 << 20, own: 70, readers: 1<<20 - 70 - mostPlain, plain: mostPlain},
		{limit: 64, own: 70, readers: leastPlain, plain: leastPlain}, // it starts, and waits where accept fails
	} {
		got := divideDescriptors(tc.limit, tc.wanted, tc.own)
		if want := (descriptorShare{tc.readers, tc.plain}); got != want {
			t.Errorf("of %d open files with %d for itself and %d readers wanted, the share is %+v, want %+v", tc.limit, tc.own, tc.wanted, got, want)
		}
		if sum := got.readers + got.plain + tc.own; tc.limit > 2*tc.own && sum > tc.limit {
			t.Errorf("%d descriptors are given away of %d", sum, tc.limit)
		}
	}
}

func TestDescriptorsOfItsOwn(t *testing.T) {
	t.Parallel()
	own := func(database, redis string) int { return Settings{Database: database, Redis: redis}.descriptors() }
	if n := own("postgres://x/y?pool_max_conns=100", "") - own("postgres://x/y", ""); n != 100-postgresConnections {
		t.Errorf("a pool of 100 connections takes %d more than the usual one", n)
	}
	if own("sqlite:x", "redis://y") <= own("sqlite:x", "") {
		t.Error("Redis takes nothing")
	}
	if n := own("sqlite:x", ""); n > 150 {
		t.Errorf("a node takes %d descriptors for itself", n)
	}
}
