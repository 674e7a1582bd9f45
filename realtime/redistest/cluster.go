package redistest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"readout/realtime/porttest"
)

// Cluster is a Redis Cluster of masters, all with one password. They have no replicas but those of AddReplica.
type Cluster struct {
	Nodes []*Server // each owns a range of slots of equal size, in this order
}

const slots = 16384

// StartCluster starts a cluster of n masters, which ends with the test. A node that is started again after it was
// killed has the same slots as before; meanwhile the others continue to serve theirs.
func StartCluster(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{}
	for range n {
		c.Nodes = append(c.Nodes, c.start(t))
	}
	for i, s := range c.Nodes {
		s.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*slots/n), strconv.Itoa((i+1)*slots/n-1))
		if i > 0 {
			c.join(s)
		}
	}
	c.wantAgreement(t, c.Nodes)
	return c
}

// start starts a server that belongs to no cluster yet.
func (c *Cluster) start(t testing.TB) *Server {
	return start(t, func(s *Server) []string {
		if len(c.Nodes) > 0 {
			s.password = c.Nodes[0].password
		}
		return []string{
			"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000",
			"--cluster-require-full-coverage", "no", "--cluster-allow-pubsubshard-when-down", "yes",
			"--cluster-port", strconv.Itoa(porttest.For(t).Number()), "--masterauth", s.password,
		}
	})
}

// join introduces a server to the first node.
func (c *Cluster) join(s *Server) {
	first := c.Nodes[0]
	busPort := strings.TrimPrefix(first.Do("CONFIG", "GET", "cluster-port"), "cluster-port\n")
	s.Do("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(first.port.Number()), busPort)
}

// wantAgreement waits until all servers of the cluster know each other and the owner of every slot.
func (c *Cluster) wantAgreement(t testing.TB, all []*Server) {
	t.Helper()
	for _, s := range all {
		eventually(t, "the cluster agrees on every slot", func() bool {
			info := s.Do("CLUSTER", "INFO")
			return infoValue(info, "cluster_state") == "ok" &&
				infoValue(info, "cluster_known_nodes") == strconv.Itoa(len(all)) &&
				infoValue(info, "cluster_slots_assigned") == strconv.Itoa(slots)
		})
	}
}

// AddReplica starts a replica of one of the nodes. Call it once.
func (c *Cluster) AddReplica(t testing.TB, of *Server) *Server {
	t.Helper()
	r := c.start(t)
	c.join(r)
	c.wantAgreement(t, append([]*Server{r}, c.Nodes...))
	r.Do("CLUSTER", "REPLICATE", of.Do("CLUSTER", "MYID"))
	eventually(t, "the replica follows its master", func() bool {
		return infoValue(r.Do("INFO", "replication"), "master_link_status") == "up"
	})
	return r
}

// Promote makes a replica the owner of its master's slots, without asking the other nodes.
func (c *Cluster) Promote(replica *Server) { replica.Do("CLUSTER", "FAILOVER", "TAKEOVER") }

// URL returns the address of the first node, with those of the others as ?addr= parameters.
func (c *Cluster) URL() string {
	var b strings.Builder
	b.WriteString(c.Nodes[0].URL())
	for i, s := range c.Nodes[1:] {
		b.WriteByte("?&"[min(i, 1)])
		fmt.Fprintf(&b, "addr=%s", s.Addr())
	}
	return b.String()
}

// Owner returns the node that serves the key's slot, provided that no slot has been moved.
func (c *Cluster) Owner(key string) *Server {
	slot, err := strconv.Atoi(c.Nodes[0].Do("CLUSTER", "KEYSLOT", key))
	if err != nil {
		c.Nodes[0].t.Fatal(err)
	}
	for i, s := range c.Nodes {
		if slot < (i+1)*slots/len(c.Nodes) {
			return s
		}
	}
	return nil
}
