//go:build !linux

package store

import "syscall"

// limitUnacknowledged does nothing, since TCP_USER_TIMEOUT exists only on Linux.
func limitUnacknowledged(_, _ string, _ syscall.RawConn) error { return nil }
