//go:build !linux

package realtime

import "net"

// newLoops returns no event loops: on this system the pump owns every connection.
func newLoops(limits, int) ([]shard, error) { return nil, nil }

// detach returns the connection unchanged.
func detach(conn net.Conn) endpoint { return endpoint{conn: conn} }

func (e endpoint) close() { e.conn.Close() }
