package liveblog

import "context"

// Broker tells nodes that a blog has changed. It is a hint, never the log: it may lose, repeat, delay or reorder
// notices, and whoever listens must be right without it.
//
// All methods are safe for concurrent use.
type Broker interface {
	// Publish tells every subscriber of the notice's blog, on this node and on others. It is called after the
	// commit. It does not wait for subscribers, and returns when ctx is done at the latest. An error means that
	// some subscribers may not learn of the change by this notice; the caller logs it and goes on.
	Publish(ctx context.Context, n Notice) error

	// Subscribe calls deliver for each notice about the blog until cancel is called. Calls for one subscription
	// come one at a time; deliver must not block. Whenever the broker cannot be sure that nothing was missed
	// (a reconnect, a full buffer) it delivers a notice without changes. After cancel has returned, deliver is
	// not called again; cancel may be called more than once, but not from within deliver.
	Subscribe(slug string, deliver func(Notice)) (cancel func())

	// Readers tells the other nodes how many readers this node has of the blog and returns how many there are on all
	// nodes, as far as is known. Only a node that has subscribed to the blog is counted, and one that falls silent
	// is forgotten within seconds. It does no I/O.
	Readers(slug string, here int) (everywhere int)

	// Close ends all subscriptions and releases what the broker holds.
	Close() error
}
