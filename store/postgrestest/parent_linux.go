package postgrestest

import "syscall"

// endWithParent makes a program end when the thread that started it ends, even if that is killed.
func endWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
