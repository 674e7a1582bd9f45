// Package liveblog is Readout's domain: blogs, entries and changes, the rules for every write, and the two interfaces
// that the rest of the system is built on, [Store] and [Broker].
//
// The store is the log; the broker only notifies nodes that the log has grown. A write that changes what readers see
// takes the blog's next sequence number in its own transaction. So commits and sequence numbers have the same order,
// and a [Cursor] describes exactly which changes a reader has.
//
// Invariants:
//   - [Desk] is the only way to write a blog or an entry. It announces a change after the commit, never before.
//   - An entry's number counts up within its blog, is never reused and never changes.
//   - A removed entry stays in the store as a tombstone, so that a reader who was offline learns of the removal.
//   - An error that leaves this package is an [*Error] with a code and messages that are safe to show, or counts as
//     [Internal].
//
// The package imports the standard library and golang.org/x/text, and knows neither SQL nor HTTP.
package liveblog
