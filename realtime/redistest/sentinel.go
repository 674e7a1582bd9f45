package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Sentinel is a master, a replica, and a Sentinel that promotes the replica when the master is gone.
type Sentinel struct {
	Master  *Server // at the start
	Replica *Server
	Sentry  *Server // the Sentinel's own server
}

// masterName is the Sentinel's name of the master.
const masterName = "readout"

// StartSentinel starts the three servers, which end with the test. All have the same password.
func StartSentinel(t testing.TB) *Sentinel {
	t.Helper()
	s := &Sentinel{Master: Start(t)}
	s.Replica = start(t, func(r *Server) []string {
		r.password = s.Master.password
		return []string{"--replicaof", fmt.Sprintf("127.0.0.1 %d", s.Master.port.Number())}
	})
	eventually(t, "the replica follows its master", func() bool {
		return infoValue(s.Replica.Do("INFO", "replication"), "master_link_status") == "up"
	})
	s.Sentry = start(t, func(w *Server) []string {
		w.password = s.Master.password
		w.conf = filepath.Join(w.dir, "sentinel.conf")
		conf := fmt.Sprintf(`sentinel monitor %[1]s 127.0.0.1 %[2]d 1
sentinel auth-pass %[1]s %[3]s
sentinel down-after-milliseconds %[1]s 1000
sentinel failover-timeout %[1]s 5000
`, masterName, s.Master.port.Number(), w.password)
		if err := os.WriteFile(w.conf, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"--sentinel"}
	})
	eventually(t, "the sentinel knows the replica", func() bool {
		return infoValue(s.Sentry.Do("INFO", "sentinel"), "sentinel_masters") == "1" &&
			s.Sentry.Do("SENTINEL", "REPLICAS", masterName) != ""
	})
	return s
}

// URL returns the Sentinel's address with the master's name and with the password, once for the master and once for the
// Sentinel.
func (s *Sentinel) URL() string {
	return s.Sentry.URL() + "?master_name=" + masterName + "&sentinel_password=" + s.Sentry.password
}

// Failover kills the master and waits until the Sentinel has promoted the replica.
func (s *Sentinel) Failover() {
	s.Master.t.Helper()
	s.Master.Kill()
	eventually(s.Master.t, "the replica is the master", func() bool {
		master := s.Sentry.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName)
		return master == "127.0.0.1\n"+strconv.Itoa(s.Replica.port.Number()) &&
			infoValue(s.Replica.Do("INFO", "replication"), "role") == "master"
	})
}
