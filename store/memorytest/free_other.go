//go:build !linux

package memorytest

// free returns 0: only Linux has a file system in memory where tests look for one.
func free(string) uint64 { return 0 }
