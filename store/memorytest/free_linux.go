package memorytest

import "syscall"

// free returns how many bytes a file system has left, 0 where it cannot be asked.
func free(path string) uint64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0
	}
	return s.Bavail * uint64(s.Bsize)
}
