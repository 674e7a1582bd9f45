// Package memorytest finds space in memory for the database files of tests, so that commits do not wait for the disk.
package memorytest

// Parent returns a directory in memory in which temporary directories can be created, or "", which means the system's
// default, if there is not enough space.
func Parent() string {
	const memory, room = "/dev/shm", 512 << 20
	if free(memory) < room {
		return ""
	}
	return memory
}
