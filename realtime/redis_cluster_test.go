package realtime

import (
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime/redistest"
)

func TestRedisClusterLosesAMaster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	n := newNodes(t, c.URL(), c.URL())
	owner := c.Owner(n.a.channel(slug))
	var elsewhere string // a blog whose channel another master carries
	for _, s := range []string{"x", "y", "z", "v", "w"} {
		if c.Owner(n.a.channel(s)) != owner {
			elsewhere = s
		}
	}
	other := witness{log: &n.log}
	n.b.Subscribe(elsewhere, other.deliver)
	eventually(t, "the subscription to the other blog is in effect", func() bool { return other.refreshes.Load() > 0 })
	owner.Kill()
	if n.publish() == nil {
		t.Error("a publication to a dead master succeeds")
	}
	cursor := liveblog.Cursor{Epoch: "0123456789ab", Seq: 1 << 40}
	change := liveblog.Change{Cursor: cursor, Entry: &liveblog.Entry{Number: 1}}
	notice := liveblog.Notice{Slug: elsewhere, Changes: []liveblog.Change{change}}
	if err := n.a.Publish(t.Context(), notice); err != nil {
		t.Errorf("a publication to a live master: %v", err)
	}
	eventually(t, "the change of the other blog arrives", func() bool { return other.changes.Load() == 1<<40 })
	owner.StartAgain()
	n.wantKnown()
	n.wantFlow()
}

// TestRedisClusterPromotesAReplica: a node without readers publishes again soon after a replica has taken the place of
// a dead master. The test fails if a failed publication does not make the client read the Cluster's slots again, since
// the client does so by itself only a minute after it did so last.
//
// It does not run beside other tests: it tells a new map of the slots that the broker asks for from the one that the
// client asks for by itself after a minute, and a busy machine takes nearly as long for the first.
func TestRedisClusterPromotesAReplica(t *testing.T) {
	c := redistest.StartCluster(t, 3)
	b := openRedis(t, c.URL(), RedisOptions{})
	owner := c.Owner(b.channel(slug))
	replica := c.AddReplica(t, owner)
	notice := liveblog.Notice{Slug: slug}
	eventually(t, "a publication succeeds", func() bool { return b.Publish(t.Context(), notice) == nil })
	owner.Kill()
	if err := b.Publish(t.Context(), notice); err == nil {
		t.Error("a publication to a dead master succeeds")
	}
	c.Promote(replica)
	began := time.Now()
	eventually(t, "a publication succeeds again", func() bool { return b.Publish(t.Context(), notice) == nil })
	// The client's own minute has begun with its last question, before the master died. A busy machine takes half of it.
	if took := time.Since(began); took > patience*5/6 {
		t.Errorf("a publication succeeds only after %v", took)
	}
}

// TestRedisClusterMovesASlot: a master that gives a slot away ends the subscriptions to its channels, upon which the
// node subscribes again and delivers a refresh notice.
func TestRedisClusterMovesASlot(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 2)
	n := newNodes(t, c.URL(), c.URL())
	from := c.Owner(n.a.channel(slug))
	to := c.Nodes[0]
	if to == from {
		to = c.Nodes[1]
	}
	slot, id := from.Do("CLUSTER", "KEYSLOT", n.a.channel(slug)), to.Do("CLUSTER", "MYID")
	to.Do("CLUSTER", "SETSLOT", slot, "IMPORTING", from.Do("CLUSTER", "MYID"))
	from.Do("CLUSTER", "SETSLOT", slot, "MIGRATING", id)
	refreshes := n.atB.refreshes.Load()
	to.Do("CLUSTER", "SETSLOT", slot, "NODE", id)
	from.Do("CLUSTER", "SETSLOT", slot, "NODE", id)
	eventually(t, "the other node gets a refresh notice", func() bool { return n.atB.refreshes.Load() > refreshes })
	n.wantFlow()
}
