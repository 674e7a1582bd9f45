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

// process is a running server: its first process and those that it has made.
type process struct {
	pid   int
	ended chan struct{} // closed when the first process has ended
}

// run starts a program that ends with the process of the tests, and writes what it says to a file.
func run(cmd *exec.Cmd, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr.Setpgid = true // what is typed at the terminal is for the tests
	endWithParent(cmd.SysProcAttr)
	p := &process{ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(p.ended)
		// The program ends with the thread that started it, so that thread stays.
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

// stop ends all processes by a signal and waits until they are gone.
func (p *process) stop(sig syscall.Signal) error {
	// None may be made between the look at which there are and the signal.
	all, err := p.frozen()
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
	all, err := p.frozen()
	if err == nil {
		signal(syscall.SIGSTOP, all...)
	}
	return err
}

func (p *process) resume() error {
	all, err := p.frozen()
	if err == nil {
		signal(syscall.SIGCONT, all...)
	}
	return err
}

// frozen stops the first process, so that it makes no more, and returns all that there are, the first one first.
func (p *process) frozen() ([]int, error) {
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

// parse reads the ids of a process and of its parent; the process may have ended meanwhile.
func parse(stat string) (pid, parent int, ok bool) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return 0, 0, false
	}
	// pid (name) state parent ...; the name may hold anything.
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
