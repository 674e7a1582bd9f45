// Package attack tries to take a node down, as strangers and people with a login would, while readers follow a blog on it.
//
// The node is the built program within a small machine: 1 GiB of memory and 1,000 descriptors. What always holds, during the
// attack and after it: no reader is dropped, every update reaches every reader, the process lives, and its memory and descriptors
// come back.
package attack
