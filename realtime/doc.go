// Package realtime carries changes from the log to everyone who listens.
//
// A [Hub] holds one feed for each blog that somebody follows. The feed stands at a cursor, takes the blog's changes
// in the order of seq, each once, and keeps the newest of them (the tail) rendered and framed, so that all clients
// share the same bytes. It moves on by a notice from the broker that fits its cursor exactly; at a gap, a notice of
// doubt and a regular tick it reads the store instead, so that a lost, repeated or late notice costs seconds at most
// and never a change.
//
// Where the talks stand is carried as what is otherwise than at the change before, so that a claim's new status reaches
// every entry that cites it by one message. It says everything instead (full) where the feed cannot know which change a
// client has seen last: the first one after the feed was opened or after the store left out seqs. Entries are rendered with
// the talks of the moment when they are first asked for; what changes of them comes behind.
//
// Between nodes goes a [RedisBroker]; a single node has a [LocalBroker]. What Redis loses is found in one of three ways:
// by the gap that the next notice shows, by a probe that does not come back (its connection is then closed, however
// healthy it looks, and every feed on it looks at the store), or by the tick.
//
// A client is a connection that was kept after its handshake. It belongs to one shard, and only that shard reads,
// writes or closes it: on Linux an event loop with epoll, where an idle client costs no goroutine and no buffer;
// elsewhere and behind TLS a goroutine that reads. A client that does not drain its bounded queue is told so (4008)
// and let go; it comes back with its cursor and misses nothing. No client can delay another.
//
// A feed reads the store on a goroutine of its own, one look at a time, so that what is delivered and the heartbeats go on
// while it hangs. Readers whose cursor is ahead wait for a look and share it.
//
// Locks are taken in the order Hub.mu, feed.mu, and below them a shard's own or RedisBroker.mu. A subscription's lock, held
// while it delivers, is taken before feed.mu and never below it. No I/O happens under any of them.
package realtime
