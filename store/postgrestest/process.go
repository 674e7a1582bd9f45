package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running server: its first process and the processes that this has started.
type process struct {
	pid   int
	ended chan struct{} // closed when the first process has ended
}

// run starts a program that ends with the process of the tests, and writes its output to a file.
func run(cmd *exec.Cmd, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr.Setpgid = true // the terminal's signals are only for the tests
	endWithParent(cmd.SysProcAttr)
	p := &process{ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(p.ended)
		// The program ends when the thread that started it does, so keep the thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

// stop ends all processes with a signal and waits until they are gone.
func (p *process) stop(sig syscall.Signal) error {
	// No process may be started between listing them and sending the signal.
	all, err := p.freeze()
	if err != nil {
		return err
	}
	if sig == syscall.SIGKILL {
		signal(sig, all...)
	} else {
		signal(sig, p.pid)
	}
	signal(syscall.SIGCONT, all...)
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		signal(syscall.SIGKILL, all...)
		<-p.ended
		return errors.New("the server did not stop in time and was killed")
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(alive(all)) > 0 {
		select {
		case <-tick.C:
		case <-limit.C:
			return fmt.Errorf("processes of the server are left: %v", alive(all))
		}
	}
	return nil
}

func (p *process) pause() error {
	all, err := p.freeze()
	if err == nil {
		signal(syscall.SIGSTOP, all...)
	}
	return err
}

func (p *process) resume() error {
	all, err := p.freeze()
	if err == nil {
		signal(syscall.SIGCONT, all...)
	}
	return err
}

// freeze suspends the first process, so that it starts no others, and returns the ids of all, that of the first one
// first.
func (p *process) freeze() ([]int, error) {
	signal(syscall.SIGSTOP, p.pid)
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	all := []int{p.pid}
	for _, file := range files {
		if pid, parent, ok := parse(file); ok && parent == p.pid {
			all = append(all, pid)
		}
	}
	return all, nil
}

// parse reads the ids of a process and of its parent. Ok is false if the process has ended.
func parse(stat string) (pid, parent int, ok bool) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return 0, 0, false
	}
	// The file has the form "pid (name) state parent ...", and the name may contain anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 2 || fields[0] == "Z" {
		return 0, 0, false
	}
	pid, err = strconv.Atoi(filepath.Base(filepath.Dir(stat)))
	if err != nil {
		return 0, 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return pid, parent, err == nil
}

func alive(pids []int) (left []int) {
	for _, pid := range pids {
		if _, _, ok := parse(fmt.Sprintf("/proc/%d/stat", pid)); ok {
			left = append(left, pid)
		}
	}
	return left
}

// signal signals processes that may have ended.
func signal(sig syscall.Signal, pids ...int) {
	for _, pid := range pids {
		syscall.Kill(pid, sig)
	}
}
