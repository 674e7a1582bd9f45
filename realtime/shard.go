package realtime

import "time"

// A shard owns clients: only it reads, writes and closes their connections. None of its methods waits for a client,
// and messages reach each client in the order in which the shard was given them.
type shard interface {
	// add takes over a connection and sends it the first messages, which are only for this client or which it
	// missed. Early is what the client sent behind its handshake.
	add(at endpoint, c client, first []*message, early []byte)
	// broadcast offers a message to every client of the feed that was added before.
	broadcast(f *feed, m *message)
	// sweep lets go of clients that took nothing for the write timeout, or did not end after a goodbye.
	sweep(now time.Time)
	// shed says "restarting" to one in so many of the clients, rounded up.
	shed(oneIn int)
	// close ends every connection at once and waits until that is done. Nothing is called after it.
	close()
}

// limits are what a shard holds its clients to, and the inflater that all shards share.
type limits struct {
	queueBytes   int
	writeTimeout time.Duration
	inflate      *inflater
}

// closeGrace is how long a client has to answer a close frame.
const closeGrace = 2 * time.Second
