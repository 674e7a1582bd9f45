//go:build !linux

package postgrestest

import "syscall"

// endWithParent does nothing, since only Linux supports it.
func endWithParent(*syscall.SysProcAttr) {}
