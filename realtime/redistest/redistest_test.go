package redistest

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServer(t *testing.T) {
	t.Parallel()
	s := Start(t)
	if got := s.Do("PING"); got != "PONG" {
		t.Fatalf("PING answers %q", got)
	}
	if want := "redis://:" + s.Password() + "@" + s.Addr(); s.URL() != want {
		t.Errorf("the URL is %q, not %q", s.URL(), want)
	}
	pid := infoValue(s.Do("INFO", "server"), "process_id")
	s.Pause()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.try("PING")
	}()
	select {
	case <-answered:
		t.Error("a paused server answers")
	case <-time.After(100 * time.Millisecond):
	}
	s.Resume()
	<-answered
	for _, end := range []func(){s.Kill, s.Stop} {
		end()
		if _, err := s.try("PING"); err == nil {
			t.Fatal("a server that is not running answers")
		}
		s.StartAgain()
		if got := infoValue(s.Do("INFO", "server"), "process_id"); got == pid {
			t.Error("the process is the same as before")
		}
	}
	s.Pause() // the cleanup must be able to stop a paused server
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := StartTLS(t)
	if got := s.Do("PING"); got != "PONG" {
		t.Errorf("PING answers %q", got)
	}
	if !strings.HasPrefix(s.URL(), "rediss://") {
		t.Errorf("the URL is %q", s.URL())
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	c := StartCluster(t, 3)
	s := c.Owner("talks")
	s.Do("SET", "talks", "on")
	s.Kill()
	s.StartAgain()
	eventually(t, "the node serves its slots again", func() bool {
		_, err := s.try("SET", "talks", "on")
		return err == nil
	})
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	s := StartSentinel(t)
	s.Failover()
	if got := s.Replica.Do("SET", "talks", "on"); got != "OK" {
		t.Errorf("the new master answers %q", got)
	}
}
