// Package liveblog is Readout's domain: what a blog, an entry and a change are, the rules that every write
// obeys, and the two interfaces that the rest of the system stands on.
//
// One idea carries it: the [Store] is the log and the [Broker] only says "look". Whatever changes something that
// a reader sees takes the blog's next sequence number in the same transaction as the change itself, so that the
// order of commits is the order of sequence numbers and a [Cursor] says exactly what a reader has.
//
// What always holds:
//   - [Desk] is the only way to write a blog or an entry; it announces a change after its commit, never before.
//   - An entry's number counts up within its blog, is never reused and never changes.
//   - A removed entry stays in the store as a tombstone, so that a reader who was away learns of the removal.
//   - Errors that leave this package are an [*Error] with a code and messages that are safe to show, or carry the
//     code [Internal].
//
// The package imports only the standard library and knows neither SQL nor HTTP.
package liveblog
