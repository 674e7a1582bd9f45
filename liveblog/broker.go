package liveblog

import "context"

// Broker notifies nodes that a blog has changed. Notices are only hints: a broker may lose, repeat, delay or reorder
// them, and subscribers must be correct without them.
//
// All methods are safe for concurrent use.
type Broker interface {
	// Publish sends a notice to every subscriber of its blog, on this node and on others. It is called after the
	// commit. It does not wait for subscribers, and returns when ctx is done at the latest. An error means that some
	// subscribers may not receive the notice; the caller logs it and continues.
	Publish(ctx context.Context, n Notice) error

	// Subscribe calls deliver for each notice about the blog until cancel is called. Calls for one subscription do not
	// overlap; deliver must not block. If the broker may have missed a notice (after a reconnect or when a buffer is
	// full), it delivers a notice without changes. After cancel has returned, deliver is not called again. Cancel may
	// be called more than once, but not from within deliver.
	Subscribe(slug string, deliver func(Notice)) (cancel func())

	// Readers announces how many readers of the blog this node has, and returns the known number on all nodes. Only
	// nodes that are subscribed to the blog count, and a node that stops announcing is forgotten within seconds.
	// Readers does no I/O.
	Readers(slug string, here int) (everywhere int)

	// Close ends all subscriptions and releases the broker's resources.
	Close() error
}
