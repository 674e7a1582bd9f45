//go:build !linux

package realtime

import "net"

// newLoops returns no event loops: the pump owns every connection here.
func newLoops(limits, int) ([]shard, error) { return nil, nil }

// detach leaves the connection as it is.
func detach(conn net.Conn) endpoint { return endpoint{conn: conn} }

func (e endpoint) close() { e.conn.Close() }
