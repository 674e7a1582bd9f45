package handlers

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"readout/handlers/web"
)

func acceptError(errno syscall.Errno) error {
	return &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", errno)}
}

// The server stops at the first error of its listener, so without the retry every row would end it.
func TestAcceptRetriesAfterErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		acceptError(syscall.EMFILE), acceptError(syscall.ENFILE), acceptError(syscall.ECONNABORTED),
		acceptError(syscall.ENOBUFS),
		acceptError(syscall.ENOMEM), acceptError(syscall.EPROTO), acceptError(syscall.EPERM),
		errors.New("an error nobody knows"),
	} {
		t.Run(err.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := new(lockedBuffer)
				s := &server{conns: newConnections(ConnectionLimits{Total: 10}, nil),
					Gate: &web.Gate{LogBudget: web.NewLogBudget((&site{log: log}).logger())}}
				idle := s.conns.open("", "203.0.113.7")
				script := make([]any, 100)
				for i := range script {
					script[i] = err
				}
				newcomer := &fakeConn{peer: peer("203.0.113.8")}
				ln := s.listener(&scriptedListener{script: append(script, newcomer), closed: make(chan struct{})})
				start := time.Now()
				if c, err := ln.Accept(); c != newcomer || err != nil {
					t.Fatalf("accept returned %v, %v", c, err)
				}
				if took := time.Since(start); took < 90*time.Second || took > 110*time.Second {
					t.Errorf("100 errors took %v; the backoff must grow to one second and no further", took)
				}
				outOfFiles := errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
				if idle.closed != outOfFiles {
					t.Errorf("a connection was closed to free a descriptor: %t, want %t", idle.closed, outOfFiles)
				}
				if lines := strings.Count(log.String(), "\n"); lines != 2 {
					t.Errorf("%d log lines in a hundred seconds, want one per minute:\n%s", lines, log)
				}
				ln.Close()
				if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("a closed listener returns %v", err)
				}
			})
		})
	}
}
