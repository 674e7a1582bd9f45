package realtime

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime/redistest"
)

// BenchmarkBroker measures the time from the publication of a notice until a reader of another hub has the change, for
// each broker, one notice after the other. The notices are made up, so the disk is not part of it. Redis runs on the
// same machine.
func BenchmarkBroker(b *testing.B) {
	for _, broker := range []struct {
		name string
		open func(b *testing.B) (from, to liveblog.Broker)
	}{
		{"in process", func(*testing.B) (from, to liveblog.Broker) {
			one := NewLocalBroker()
			return one, one
		}},
		{"Redis", func(b *testing.B) (from, to liveblog.Broker) {
			url := redistest.Start(b).URL()
			return openRedis(b, url, RedisOptions{}), openRedis(b, url, RedisOptions{})
		}},
		{"Redis Cluster", func(b *testing.B) (from, to liveblog.Broker) {
			url := redistest.StartCluster(b, 3).URL()
			return openRedis(b, url, RedisOptions{}), openRedis(b, url, RedisOptions{})
		}},
	} {
		b.Run(broker.name, func(b *testing.B) {
			from, to := broker.open(b)
			in := witness{log: new(atomic.Int64)}
			b.Cleanup(to.Subscribe(slug, in.deliver))
			if from != to {
				eventually(b, "the other node is subscribed", func() bool { return in.refreshes.Load() > 0 })
			}
			r := newRig(b, Options{Broker: to, Tick: time.Hour, Heartbeat: time.Hour})
			rd := r.join(Join{})
			rd.want()
			c := r.cursor()
			body := strings.Repeat("The delegations went through the annex line by line. ", 12)
			publish := func() {
				c.Seq++
				e := liveblog.Entry{Number: int(c.Seq), Revision: 1, Body: body, Status: liveblog.Published, Seq: c.Seq}
				n := liveblog.Notice{Slug: slug, Changes: []liveblog.Change{{Cursor: c, Entry: &e}}}
				if err := from.Publish(context.Background(), n); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				publish()
				if _, payload, err := rd.frame(); err != nil || !bytes.Contains(payload, []byte(c.String())) {
					b.Fatalf("the reader got %q (%v)", payload, err)
				}
			}
		})
	}
}
