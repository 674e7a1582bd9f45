package postgrestest

import "syscall"

// endWithParent has a program end when the thread that started it does, even if that is killed.
func endWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
