package realtime

import (
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"

	"readout/liveblog"
	"readout/realtime/brokertest"
	"readout/realtime/redistest"
)

// openRedis opens a broker, which the end of the test closes.
func openRedis(t testing.TB, url string, opt RedisOptions) *RedisBroker {
	t.Helper()
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	b, err := OpenRedis(t.Context(), url, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// runSuites runs both suites of brokertest. The brokers of one case share channels that no other case has.
func runSuites(t *testing.T, url string, opt RedisOptions) {
	var cases atomic.Int64
	open := func(t *testing.T, n int) (nodes []*RedisBroker) {
		prefix := "readout:case-" + strconv.FormatInt(cases.Add(1), 10) + ":"
		for range n {
			b := openRedis(t, url, opt)
			b.prefix = prefix // before anybody subscribes
			nodes = append(nodes, b)
		}
		return nodes
	}
	t.Run("one node", func(t *testing.T) {
		t.Parallel()
		brokertest.Run(t, func(t *testing.T) liveblog.Broker { return open(t, 1)[0] })
	})
	t.Run("two nodes", func(t *testing.T) {
		t.Parallel()
		brokertest.RunPeers(t, func(t *testing.T) (a, b liveblog.Broker) {
			nodes := open(t, 2)
			return nodes[0], nodes[1]
		})
	})
}

func TestRedisBroker(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) (url string, opt RedisOptions){
		"plain": func(t *testing.T) (string, RedisOptions) { return redistest.Start(t).URL(), RedisOptions{} },
		"TLS": func(t *testing.T) (string, RedisOptions) {
			s := redistest.StartTLS(t)
			return s.URL(), RedisOptions{TLS: s.ClientTLS()}
		},
		"Cluster": func(t *testing.T) (string, RedisOptions) {
			return redistest.StartCluster(t, 3).URL(), RedisOptions{}
		},
		"Sentinel": func(t *testing.T) (string, RedisOptions) {
			return redistest.StartSentinel(t).URL(), RedisOptions{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, opt := start(t)
			runSuites(t, url, opt)
		})
	}
}
