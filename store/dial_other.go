//go:build !linux

package store

import "syscall"

// limitUnacknowledged does nothing: only Linux can.
func limitUnacknowledged(_, _ string, _ syscall.RawConn) error { return nil }
