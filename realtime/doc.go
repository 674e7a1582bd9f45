// Package realtime carries changes from the log to every client that follows a blog.
//
// A [Hub] holds one feed for each blog that has clients. The feed keeps a cursor, applies the blog's changes in the
// order of seq, each of them once, and keeps the newest ones (the tail) rendered and framed, so that all clients share
// the same bytes. A notice from the broker moves the feed on only if it fits the cursor exactly. After a gap, after a
// refresh notice and at every tick the feed reads the store instead, so a lost, repeated or late notice delays a change
// by a few seconds and never loses it.
//
// A change of the talks is sent as the difference from the change before it, so one message carries a claim's new
// status to every entry that cites the claim. A feed sends the complete talks ("full") when it cannot know which change
// a client has seen last: for the first change after the feed was opened, and after the store skipped seqs. An entry is
// rendered with the talks as they are at the time of rendering; later changes of the talks follow as messages of their
// own.
//
// Nodes talk to each other through a [RedisBroker]; a single node uses a [LocalBroker]. A notice that Redis loses is
// detected in one of three ways: by the gap that the next notice shows; by a probe that does not come back, upon which
// the broker closes the connection, even if it looks healthy, and every feed on it refreshes from the store; or by the
// tick.
//
// A client is a connection that stays open after its handshake. It belongs to one shard, and only that shard reads,
// writes and closes it. On Linux the shard is an event loop on epoll, where an idle client costs no goroutine and no
// buffer. On other systems, and for connections behind TLS, the shard is the pump, with one reading goroutine for each
// client. A shard closes a client whose bounded queue is full with the close code 4008; the client reconnects with its
// cursor and misses nothing. No client can delay another.
//
// A feed reads the store on a goroutine of its own, one read at a time, so that deliveries and heartbeats continue
// while the store hangs. Clients whose cursor is ahead of the feed wait for a read and share it.
//
// Locks are acquired in the order Hub.mu, feed.mu, and then a shard's own lock or RedisBroker.mu. A subscription's lock
// is held during a delivery; it is acquired before feed.mu and never after it. No I/O happens while any of them is
// held.
package realtime
