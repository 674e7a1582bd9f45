package realtime

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"readout/liveblog"
	"readout/realtime/redistest"
)

func TestOpenRedisRefuses(t *testing.T) {
	t.Parallel()
	s, secure := redistest.Start(t), redistest.StartTLS(t)
	sentinel := redistest.StartSentinel(t)
	cluster := redistest.StartCluster(t, 1)
	paused := redistest.Start(t)
	paused.Pause()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	const secret = "s3cret-word"
	const late = "no answer in time"
	for name, c := range map[string]struct {
		url  string
		want string
	}{
		"no URL":                          {url: "", want: "scheme"},
		"another scheme":                  {url: "http://:" + secret + "@localhost", want: `scheme is "http"`},
		"no scheme":                       {url: "localhost:6379", want: "redis://user:password@host:port"},
		"no host":                         {url: "redis://:" + secret + "@", want: "has no host"},
		"# in the password":               {url: "redis://:" + secret + "#1@127.0.0.1:1", want: "percent-encoded"},
		"/ in the password":               {url: "redis://:" + secret + "/1@127.0.0.1:1", want: "percent-encoded"},
		"? in the password":               {url: "redis://:1?" + secret + "@127.0.0.1:1", want: "percent-encoded"},
		"% in the password":               {url: "redis://:" + secret + "%@127.0.0.1:1", want: "percent-encoded"},
		"a database that is not a number": {url: "redis://127.0.0.1:1/x", want: "not a database number"},
		"an unknown parameter": {url: "redis://:" + secret + "@127.0.0.1:1?pool=5",
			want: `unknown parameter "pool"`},
		"a parameter twice": {url: "redis://127.0.0.1:1?master_name=a&master_name=b",
			want: `"master_name" more than once`},
		"an address without a port": {url: "redis://127.0.0.1:1?addr=localhost", want: `addr="localhost"`},
		"a Sentinel's password without Sentinels": {url: "redis://127.0.0.1:1?sentinel_password=" + secret,
			want: "no master_name"},
		"a ca_file without TLS": {url: "redis://127.0.0.1:1?ca_file=/etc/hostname", want: "rediss://"},
		"a ca_file that does not exist": {url: "rediss://127.0.0.1:1?ca_file=/nowhere/ca.pem",
			want: "cannot read the Redis URL's ca_file"},
		"a ca_file without certificates": {url: "rediss://127.0.0.1:1?ca_file=/etc/hostname",
			want: "no certificates"},
		"no server": {url: "redis://:" + secret + "@" + closed.Addr().String(), want: closed.Addr().String()},
		"no answer": {url: paused.URL(), want: late},
		"a wrong password": {url: "redis://:" + secret + "@" + s.Addr(),
			want: "rejects the user name or the password"},
		"a wrong user": {url: "redis://somebody:" + secret + "@" + s.Addr(),
			want: "rejects the user name or the password"},
		"no password":                 {url: "redis://" + s.Addr(), want: "rejects the user name or the password"},
		"an unknown authority":        {url: secure.URL(), want: "TLS failed"},
		"TLS to a server without TLS": {url: "rediss://:" + s.Password() + "@" + s.Addr(), want: s.Addr()},
		"no TLS to a server with TLS": {url: "redis://:" + secure.Password() + "@" + secure.Addr(),
			want: "rediss://"},
		"several addresses, not a Cluster": {url: s.URL() + "?addr=127.0.0.1:1", want: "not a Cluster"},
		"a database that does not exist":   {url: s.URL() + "/999", want: "database 999"},
		"a Cluster with a database":        {url: cluster.URL() + "/3", want: "no database 3"},
		"an unknown master": {url: strings.Replace(sentinel.URL(), "master_name=", "master_name=not-", 1),
			want: "no Sentinel knows"},
		"a server that is not a Sentinel": {url: s.URL() + "?master_name=x&sentinel_password=" + s.Password(),
			want: s.Addr()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
			defer cancel()
			open := func() string {
				b, err := OpenRedis(ctx, c.url, RedisOptions{})
				if err == nil {
					b.Close()
					t.Fatal("OpenRedis succeeds")
				}
				return err.Error()
			}
			text := open()
			// On a busy machine a server may not answer within its second.
			for !strings.Contains(text, c.want) && strings.Contains(text, late) && ctx.Err() == nil {
				text = open()
			}
			if !strings.Contains(text, c.want) || strings.Contains(text, "\n") || len(text) > 300 {
				t.Errorf("the error is not one line with %q: %s", c.want, text)
			}
			for _, word := range []string{
				secret, s.Password(), secure.Password(), paused.Password(), sentinel.Sentry.Password(),
			} {
				if strings.Contains(text, word) {
					t.Errorf("the error contains a password: %s", text)
				}
			}
			if ctx.Err() != nil {
				t.Errorf("OpenRedis returned only when its context ended: %s", text)
			}
		})
	}
}

// TestOpenRedisTrustsTheCAFile: with the URL's ca_file the server's certificate is accepted.
func TestOpenRedisTrustsTheCAFile(t *testing.T) {
	t.Parallel()
	s := redistest.StartTLS(t)
	openRedis(t, s.URL()+"?ca_file="+url.QueryEscape(s.CAFile()), RedisOptions{})
}

// TestOpenRedisSeparatesDatabases: brokers get only the notices of brokers with the same database.
func TestOpenRedisSeparatesDatabases(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	three, four := openRedis(t, s.URL()+"/3", RedisOptions{}), openRedis(t, s.URL()+"/4", RedisOptions{})
	alsoThree := openRedis(t, s.URL()+"/3", RedisOptions{})
	var log atomic.Int64
	same, other := witness{log: &log}, witness{log: &log}
	alsoThree.Subscribe(slug, same.deliver)
	four.Subscribe(slug, other.deliver)
	eventually(t, "both subscriptions are in effect", func() bool {
		return same.refreshes.Load() > 0 && other.refreshes.Load() > 0
	})
	cursor := liveblog.Cursor{Epoch: "0123456789ab", Seq: 1}
	c := liveblog.Change{Cursor: cursor, Entry: &liveblog.Entry{Number: 1}}
	for _, b := range []*RedisBroker{three, four} {
		if err := b.Publish(t.Context(), liveblog.Notice{Slug: slug, Changes: []liveblog.Change{c}}); err != nil {
			t.Fatal(err)
		}
		c.Cursor.Seq = 2
	}
	eventually(t, "each subscriber has the change of its own database", func() bool {
		return same.changes.Load() == 1 && other.changes.Load() == 2
	})
}

// TestOpenRedisTriesAllAddresses: a Cluster can be opened while its first address does not answer.
func TestOpenRedisTriesAllAddresses(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	c.Nodes[0].Kill()
	openRedis(t, c.URL(), RedisOptions{})
}
