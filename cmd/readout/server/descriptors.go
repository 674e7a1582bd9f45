package server

import (
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// descriptorShare is how a node divides its open files between those who connect to it.
type descriptorShare struct {
	readers int // connections that the hub keeps
	plain   int // connections that carry requests
}

// Open files that a node needs besides connections.
const (
	ownDescriptors      = 24 // standard streams, listener, the runtime's poller, files that are read or written for a moment
	handoverDescriptors = 24 // a connection has two for the moment in which the hub takes it over, or is closed to make room
	sqliteDescriptors   = 3  // a connection to SQLite: the database, its log and the log's index
	postgresConnections = 16 // the store's default of pool_max_conns
	redisDescriptors    = 8  // subscriptions, probes and Sentinels, besides the pool
)

// Bounds of the share of plain connections. One takes 24 to 36 KiB of memory while it is idle.
const (
	leastPlain = 16
	mostPlain  = 4096
	plainPart  = 5 // one in five of the connections
)

// shareDescriptors divides what the limit of open files allows. It says in the log where the setting for readers
// does not fit, and lowers it: a node that serves fewer readers is better than none.
func (s Settings) shareDescriptors() descriptorShare {
	limit := 1024
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		limit = int(min(files.Cur, 1<<20))
	}
	share := divideDescriptors(limit, s.MaxReaders, s.descriptors())
	if share.readers < s.MaxReaders {
		s.Log.Warn("the limit of open files is too low for READOUT_MAX_READERS; fewer readers can follow live until it is raised",
			"max_readers", s.MaxReaders, "open_files", limit, "readers", share.readers)
	}
	return share
}

// divideDescriptors divides a limit of open files, of which own are not for connections. wanted is how many readers
// there shall be at most, 0 for as many as can be.
func divideDescriptors(limit, wanted, own int) descriptorShare {
	left := max(2*leastPlain, limit-own)
	least := min(max(leastPlain, left/plainPart), mostPlain)
	readers := left - least
	if wanted > 0 {
		readers = min(readers, wanted)
	}
	return descriptorShare{readers: readers, plain: min(left-readers, mostPlain)}
}

// descriptors is how many open files the node needs besides connections.
func (s Settings) descriptors() int {
	procs := runtime.GOMAXPROCS(0)
	n := ownDescriptors + handoverDescriptors + 2*procs // of the hub's event loops
	if u, err := url.Parse(s.Database); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		n += postgresConnections
		if most, err := strconv.Atoi(u.Query().Get("pool_max_conns")); err == nil {
			n += max(0, most-postgresConnections)
		}
	} else {
		n += sqliteDescriptors * (1 + max(4, procs))
	}
	if s.Redis != "" {
		n += redisDescriptors + 10*procs // go-redis keeps ten a processor
	}
	return n
}
