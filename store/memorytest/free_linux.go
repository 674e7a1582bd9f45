package memorytest

import "syscall"

// free returns how many bytes are free in the file system of path, or 0 if that is not known.
func free(path string) uint64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0
	}
	return s.Bavail * uint64(s.Bsize)
}
