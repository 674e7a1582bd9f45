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

// BenchmarkBroker measures the way of one publication from its notice to a reader of another hub, one after the other,
// over each broker. The notices are made up, so that the disk is not part of it; Redis runs on the same machine.
func BenchmarkBroker(b *testing.B) {
	for _, way := range []struct {
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
		b.Run(way.name, func(b *testing.B) {
			from, to := way.open(b)
			in := witness{log: new(atomic.Int64)}
			b.Cleanup(to.Subscribe(slug, in.deliver))
			if from != to {
				eventually(b, "the other node listens", func() bool { return in.doubts.Load() > 0 })
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
