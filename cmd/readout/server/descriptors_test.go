package server

import "testing"

func TestDivideDescriptors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ limit, maxReaders, own, readers, plain int }{
		{limit: 400, own: 70, readers: 264, plain: 66},
		{limit: 1000, own: 70, readers: 744, plain: 186},
		{limit: 1000, own: 110, readers: 712, plain: 178},
		{limit: 1000, maxReaders: 500, own: 70, readers: 500, plain: 430},
		{limit: 1000, maxReaders: 5000, own: 70, readers: 744, plain: 186},
		{limit: 20_000, own: 70, readers: 15_944, plain: 3986},
		{limit: 20_000, maxReaders: 100, own: 70, readers: 100, plain: maxPlain},
		{limit: 1 << 20, own: 70, readers: 1<<20 - 70 - maxPlain, plain: maxPlain},
		// Too few: the node starts all the same, and retries when accept fails.
		{limit: 64, own: 70, readers: minPlain, plain: minPlain},
	} {
		got := divideDescriptors(tc.limit, tc.maxReaders, tc.own)
		if want := (descriptorShare{tc.readers, tc.plain}); got != want {
			t.Errorf("divideDescriptors(%d, %d, %d) is %+v, want %+v", tc.limit, tc.maxReaders, tc.own, got, want)
		}
		if sum := got.readers + got.plain + tc.own; tc.limit > 2*tc.own && sum > tc.limit {
			t.Errorf("divideDescriptors(%d, %d, %d) gives away %d in all", tc.limit, tc.maxReaders, tc.own, sum)
		}
	}
}

func TestOwnDescriptors(t *testing.T) {
	t.Parallel()
	own := func(database, redis string) int { return Settings{Database: database, Redis: redis}.ownDescriptors() }
	if n := own("postgres://x/y?pool_max_conns=100", "") - own("postgres://x/y", ""); n != 100-postgresConnections {
		t.Errorf("a pool of 100 connections counts %d more than the default", n)
	}
	if own("sqlite:x", "redis://y") <= own("sqlite:x", "") {
		t.Error("Redis counts nothing")
	}
	if n := own("sqlite:x", ""); n > 150 {
		t.Errorf("a node with SQLite counts %d, want at most 150", n)
	}
}
