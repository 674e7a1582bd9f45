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
		tls  *redistest.Server // whose authority is trusted
		want string
	}{
		"no URL":                      {url: "", want: "scheme"},
		"another scheme":              {url: "http://:" + secret + "@localhost", want: `scheme is "http"`},
		"no scheme":                   {url: "localhost:6379", want: "redis://user:password@host:port"},
		"no host":                     {url: "redis://:" + secret + "@", want: "names no host"},
		"a bare # in the password":    {url: "redis://:" + secret + "#1@127.0.0.1:1", want: "percent-encoded"},
		"a bare / in the password":    {url: "redis://:" + secret + "/1@127.0.0.1:1", want: "percent-encoded"},
		"a bare ? in the password":    {url: "redis://:1?" + secret + "@127.0.0.1:1", want: "percent-encoded"},
		"a bare % in the password":    {url: "redis://:" + secret + "%@127.0.0.1:1", want: "percent-encoded"},
		"a database that is a word":   {url: "redis://127.0.0.1:1/x", want: "number of a database"},
		"an unknown parameter":        {url: "redis://:" + secret + "@127.0.0.1:1?pool=5", want: `unknown parameter "pool"`},
		"a parameter twice":           {url: "redis://127.0.0.1:1?master_name=a&master_name=b", want: `"master_name" twice`},
		"an address without a port":   {url: "redis://127.0.0.1:1?addr=localhost", want: `addr="localhost"`},
		"a password for no Sentinel":  {url: "redis://127.0.0.1:1?sentinel_password=" + secret, want: "no master_name"},
		"an authority for no TLS":     {url: "redis://127.0.0.1:1?ca_file=/etc/hostname", want: "rediss://"},
		"an authority that is absent": {url: "rediss://127.0.0.1:1?ca_file=/nowhere/ca.pem", want: "ca_file cannot be read"},
		"an authority that is none":   {url: "rediss://127.0.0.1:1?ca_file=/etc/hostname", want: "no PEM file"},
		"nobody there":                {url: "redis://:" + secret + "@" + closed.Addr().String(), want: closed.Addr().String()},
		"no answer":                   {url: paused.URL(), want: late},
		"a wrong password":            {url: "redis://:" + secret + "@" + s.Addr(), want: "password is refused"},
		"a wrong user":                {url: "redis://somebody:" + secret + "@" + s.Addr(), want: "password is refused"},
		"no password":                 {url: "redis://" + s.Addr(), want: "password is refused"},
		"an unknown authority":        {url: secure.URL(), want: "TLS failed"},
		"TLS to a server without":     {url: "rediss://:" + s.Password() + "@" + s.Addr(), want: s.Addr()},
		"no TLS to a server with":     {url: "redis://:" + secure.Password() + "@" + secure.Addr(), want: "rediss://"},
		"several that are no Cluster": {url: s.URL() + "?addr=127.0.0.1:1", want: "not a Cluster"},
		"a database too many":         {url: s.URL() + "/999", want: "database 999"},
		"a database of a Cluster":     {url: cluster.URL() + "/3", want: "no database 3"},
		"another master's name":       {url: strings.Replace(sentinel.URL(), "master_name=", "master_name=not-", 1), want: "no Sentinel knows"},
		"no Sentinel":                 {url: s.URL() + "?master_name=x&sentinel_password=" + s.Password(), want: s.Addr()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
			defer cancel()
			open := func() string {
				b, err := OpenRedis(ctx, c.url, RedisOptions{})
				if err == nil {
					b.Close()
					t.Fatal("it opens")
				}
				return err.Error()
			}
			text := open()
			// A machine that is busy with everything else at once may keep a server from answering in its second.
			for !strings.Contains(text, c.want) && strings.Contains(text, late) && ctx.Err() == nil {
				text = open()
			}
			if !strings.Contains(text, c.want) || strings.Contains(text, "\n") || len(text) > 300 {
				t.Errorf("the error does not say %q on one line: %s", c.want, text)
			}
			for _, word := range []string{secret, s.Password(), secure.Password(), paused.Password(), sentinel.Sentry.Password()} {
				if strings.Contains(text, word) {
					t.Errorf("the error tells a password: %s", text)
				}
			}
			if ctx.Err() != nil {
				t.Errorf("it came to an end only when who opened it gave up: %s", text)
			}
		})
	}
}

// TestOpenRedisTrustsAnAuthority falls when the URL's ca_file is not taken, by "TLS failed".
func TestOpenRedisTrustsAnAuthority(t *testing.T) {
	t.Parallel()
	s := redistest.StartTLS(t)
	openRedis(t, s.URL()+"?ca_file="+url.QueryEscape(s.CAFile()), RedisOptions{})
}

func TestOpenRedisTakesADatabase(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	three, also, four := openRedis(t, s.URL()+"/3", RedisOptions{}), openRedis(t, s.URL()+"/3", RedisOptions{}), openRedis(t, s.URL()+"/4", RedisOptions{})
	var log atomic.Int64
	same, other := witness{log: &log}, witness{log: &log}
	also.Subscribe(slug, same.deliver)
	four.Subscribe(slug, other.deliver)
	eventually(t, "both subscriptions are in effect", func() bool { return same.doubts.Load() > 0 && other.doubts.Load() > 0 })
	c := liveblog.Change{Cursor: liveblog.Cursor{Epoch: "0123456789ab", Seq: 1}, Entry: &liveblog.Entry{Number: 1}}
	for _, b := range []*RedisBroker{three, four} {
		if err := b.Publish(t.Context(), liveblog.Notice{Slug: slug, Changes: []liveblog.Change{c}}); err != nil {
			t.Fatal(err)
		}
		c.Cursor.Seq = 2
	}
	eventually(t, "each database has its own change", func() bool { return same.changes.Load() == 1 && other.changes.Load() == 2 })
}

func TestOpenRedisFindsTheOneThatAnswers(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	c.Nodes[0].Kill()
	openRedis(t, c.URL(), RedisOptions{})
}
