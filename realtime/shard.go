package realtime

import "time"

// shard owns clients: only it reads, writes and closes their connections. No method but close waits for a connection.
// Messages reach each client in the order in which they were given to the shard.
type shard interface {
	// add takes over a connection and sends it the first messages, which other clients may not get: the hello and what
	// this client missed. Early is what the client sent after its handshake.
	add(at endpoint, c client, first []*message, early []byte)
	// broadcast sends a message to all clients of the feed that were added before.
	broadcast(f *feed, m *message)
	// sweep closes the connections of clients that accepted no bytes for the write timeout, or that did not close their
	// side within closeGrace.
	sweep(now time.Time)
	// shed closes one in so many of the clients, rounded up, with closeRestarting.
	shed(oneIn int)
	// close closes all connections at once and returns when they are closed. Nothing may be called after it.
	close()
}

// limits are the limits for a shard's clients, and the inflater that all shards share.
type limits struct {
	queueBytes   int
	writeTimeout time.Duration
	inflate      *inflater
}

// closeGrace is how long a shard waits for a client to answer a close frame before it closes the connection.
const closeGrace = 2 * time.Second
