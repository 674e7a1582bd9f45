// Package attack tries to bring a node down, as strangers and contributors could, while readers follow a blog on it.
//
// The node is the built program with the limits of a small machine: 1 GiB of memory and 1,000 file descriptors. During
// and after the attack no reader is dropped, every update reaches every reader, and the process does not exit. After
// it, the node's use of memory and descriptors returns to what it was before.
package attack
