package server

import (
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// descriptorShare says how many connections of each kind a node accepts at once. Each takes one open file.
type descriptorShare struct {
	readers int // connections that the hub keeps
	plain   int // connections that carry requests
}

// Open files that a node needs besides connections.
const (
	// Standard streams, the listener, the runtime's poller, and files that are read or written for a moment.
	baseDescriptors = 24
	// A connection has two descriptors for a moment while the hub takes it over, or while it is closed to make room.
	handoverDescriptors = 24
	// Each connection to SQLite opens the database, its write-ahead log and the index of the log.
	sqliteDescriptors = 3
	// The store's default of pool_max_conns.
	postgresConnections = 16
	// Subscriptions, probes and Sentinels, besides the pool.
	redisDescriptors = 8
)

// Bounds of the number of plain connections. Each takes 24 to 36 KiB of memory while it is idle.
const (
	minPlain     = 16
	maxPlain     = 4096
	plainDivisor = 5 // one connection in five is plain
)

// shareDescriptors divides what the limit of open files allows. If READOUT_MAX_READERS does not fit, it logs a warning
// and lowers the number of readers, rather than keep the node from starting.
func (s Settings) shareDescriptors() descriptorShare {
	limit := 1024
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		limit = int(min(files.Cur, 1<<20))
	}
	share := divideDescriptors(limit, s.MaxReaders, s.ownDescriptors())
	if share.readers < s.MaxReaders {
		s.Log.Warn("the limit of open files is too low for READOUT_MAX_READERS; "+
			"fewer readers can follow live until you raise it",
			"max_readers", s.MaxReaders, "open_files", limit, "readers", share.readers)
	}
	return share
}

// divideDescriptors divides a limit of open files, of which the node needs own for itself. maxReaders limits the
// readers; 0 means as many as fit.
func divideDescriptors(limit, maxReaders, own int) descriptorShare {
	left := max(2*minPlain, limit-own)
	reserved := min(max(minPlain, left/plainDivisor), maxPlain)
	readers := left - reserved
	if maxReaders > 0 {
		readers = min(readers, maxReaders)
	}
	return descriptorShare{readers: readers, plain: min(left-readers, maxPlain)}
}

// ownDescriptors returns how many open files the node needs besides connections.
func (s Settings) ownDescriptors() int {
	procs := runtime.GOMAXPROCS(0)
	n := baseDescriptors + handoverDescriptors + 2*procs // two for each of the hub's event loops
	if u, err := url.Parse(s.Database); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		n += postgresConnections
		if poolSize, err := strconv.Atoi(u.Query().Get("pool_max_conns")); err == nil {
			n += max(0, poolSize-postgresConnections)
		}
	} else {
		n += sqliteDescriptors * (1 + max(4, procs))
	}
	if s.Redis != "" {
		n += redisDescriptors + 10*procs // go-redis's pool has ten connections for each processor
	}
	return n
}
