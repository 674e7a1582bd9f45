package realtime

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// BenchmarkFanout measures one publication to 1,000 readers on loopback, from the notice until the last reader has read
// the change. One goroutine reads for all of them in turn, and its time is part of the result. The notices are made up,
// so the disk is not part of it.
func BenchmarkFanout(b *testing.B) {
	const readers = 1000
	for name, noLoops := range map[string]bool{"loops": false, "pump": true} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, Options{NoLoops: noLoops, Tick: time.Hour, Heartbeat: time.Hour})
			var all []*reader
			for range readers {
				rd := r.join(Join{})
				rd.want()
				all = append(all, rd)
			}
			body := strings.Repeat("The delegations went through the annex line by line. ", 12)
			c := r.cursor()
			var got []byte
			for b.Loop() {
				c.Seq++
				e := liveblog.Entry{Number: int(c.Seq), Revision: 1, Body: body, Status: liveblog.Published, Seq: c.Seq}
				n := liveblog.Notice{Slug: slug, Changes: []liveblog.Change{{Cursor: c, Entry: &e}}}
				if err := r.broker.Publish(context.Background(), n); err != nil {
					b.Fatal(err)
				}
				_, payload, err := all[0].frame()
				if err != nil || !bytes.Contains(payload, []byte(c.String())) {
					b.Fatalf("the first reader got %q (%v)", payload, err)
				}
				want := textFrame(payload)
				got = append(got[:0], want...)
				for _, rd := range all[1:] {
					if _, err := io.ReadFull(rd.br, got); err != nil {
						b.Fatal(err)
					}
					if binary.BigEndian.Uint32(got) != binary.BigEndian.Uint32(want) {
						b.Fatalf("a reader got a frame that begins with % x", got[:4])
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/readers, "ns/delivery")
		})
	}
}
