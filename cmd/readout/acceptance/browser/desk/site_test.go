package desk_test

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/handlers"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
	"readout/views"
)

// editor is the e-mail address of who is logged in, and the password too.
const editor = "editor@paper.example"

// site is a desk with the blog "summit" that listens on a port of its own, whose line and store can go away, and whose sessions
// have a clock of their own.
type site struct {
	base  string
	store *awayStore
	desk  *liveblog.Desk
	by    liveblog.Actor
	line  *cuttableListener
	slept atomic.Int64 // nanoseconds that the clock of the sessions is ahead
}

// awayStore refuses to write while it is away.
type awayStore struct {
	liveblog.Store
	away atomic.Bool
}

func (s *awayStore) Commit(ctx context.Context, c liveblog.Commit) (liveblog.Committed, error) {
	if s.away.Load() {
		return liveblog.Committed{}, &liveblog.Error{Code: liveblog.Unavailable, Message: "The store is away."}
	}
	return s.Store.Commit(ctx, c)
}

// cuttableListener is a network that can be cut.
type cuttableListener struct {
	net.Listener
	mu    sync.Mutex // guards the fields below
	cut   bool
	conns []net.Conn
}

func (l *cuttableListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	if l.cut {
		c.Close()
	}
	return c, nil
}

func (l *cuttableListener) setCut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		for _, c := range l.conns {
			c.Close()
		}
	}
}

func newSite(t *testing.T) *site {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	real, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "readout.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { real.Close() })
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	broker := realtime.NewLocalBroker()
	t.Cleanup(func() { broker.Close() })
	s := &site{base: "http://" + listener.Addr().String(), line: &cuttableListener{Listener: listener}, store: &awayStore{Store: real}}
	s.desk = liveblog.NewDesk(s.store, broker, liveblog.DeskOptions{Log: log})
	hub, err := realtime.NewHub(realtime.Options{Store: s.store, Broker: broker, Log: log, MaxClients: 8,
		Renderer: handlers.Renderer()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Close() })
	accounts := liveblog.NewAccounts(s.store, liveblog.AccountsOptions{
		HashPassword:   func(password string) (string, error) { return "hash of " + password, nil },
		VerifyPassword: func(password, hash string) bool { return hash == "hash of "+password },
		Now:            func() time.Time { return time.Now().Add(time.Duration(s.slept.Load())) },
	})
	user, err := accounts.AddUser(t.Context(), liveblog.Actor{ID: "u_0", Role: liveblog.Admin}, editor, "The editor", liveblog.Editor, editor)
	if err != nil {
		t.Fatal(err)
	}
	s.by = user.Actor()
	if _, err := s.desk.CreateBlog(t.Context(), s.by, liveblog.NewBlog{Slug: "summit", Title: "The summit"}); err != nil {
		t.Fatal(err)
	}
	app := handlers.New(handlers.Options{Store: s.store, Desk: s.desk, Accounts: accounts, Hub: hub, Log: log,
		Site: views.Site{Name: "Readout", BaseURL: s.base}})
	served := make(chan error, 1)
	go func() { served <- app.Listener(s.line) }()
	t.Cleanup(func() {
		// The browser keeps connections open in which nothing is under way.
		if err := app.ShutdownWithTimeout(time.Second); err != nil {
			s.line.setCut(true)
		}
		<-served
	})
	return s
}

// sleep sets the clock of the sessions forward.
func (s *site) sleep(d time.Duration) { s.slept.Add(int64(d)) }

// add adds an entry past the pages.
func (s *site) add(t *testing.T, in liveblog.EntryInput) {
	t.Helper()
	if _, _, err := s.desk.Post(t.Context(), s.by, "summit", in, nil); err != nil {
		t.Fatal(err)
	}
}

// edit changes the first revision of an entry, as somebody else does.
func (s *site) edit(t *testing.T, number int, p liveblog.EntryPatch) {
	t.Helper()
	other := liveblog.Actor{ID: "u_other", Name: "Another", Role: liveblog.Admin}
	if _, err := s.desk.Edit(t.Context(), other, "summit", number, p, 1); err != nil {
		t.Fatal(err)
	}
}

// entry returns an entry as it is now.
func (s *site) entry(t *testing.T, number int) liveblog.Entry {
	t.Helper()
	e, err := s.store.Entry(t.Context(), "summit", number)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// count returns how many entries there are.
func (s *site) count(t *testing.T) int {
	t.Helper()
	list, err := s.store.Entries(t.Context(), "summit", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// talksSetup is what the acts of these tests refer to.
func talksSetup() liveblog.Setup {
	return liveblog.Setup{
		Tracks:   []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: "Rare earths", Description: "Export | controls"}, {ID: "chips", Name: "Chips"}},
		Approval: []liveblog.TrackState{liveblog.Agreed},
	}
}

// setUp sets the blog up, at a venue in Seoul.
func (s *site) setUp(t *testing.T) {
	t.Helper()
	if _, err := s.desk.UpdateBlog(t.Context(), s.by, "summit", liveblog.BlogPatch{TimeZone: new("Asia/Seoul")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.UpdateSetup(t.Context(), s.by, "summit", talksSetup()); err != nil {
		t.Fatal(err)
	}
}

// state adds an entry with acts.
func (s *site) state(t *testing.T, status liveblog.EntryStatus, commands string) {
	t.Helper()
	acts, err := liveblog.ParseCommands(talksSetup(), time.UTC, commands)
	if err != nil {
		t.Fatal(err)
	}
	s.add(t, liveblog.EntryInput{Body: "B.", Acts: acts, Status: status})
}

// board returns the state of a track.
func (s *site) board(t *testing.T, track string) liveblog.TrackState {
	t.Helper()
	_, talks, err := s.store.Talks(t.Context(), "summit", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, standing := range talks.Board {
		if standing.ID == track {
			return standing.State
		}
	}
	t.Fatalf("there is no track %s", track)
	return ""
}

// commands returns an entry's acts as its venue writes them.
func (s *site) commands(t *testing.T, number int) string {
	t.Helper()
	b, err := s.store.Blog(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	return s.entry(t, number).Acts.Commands(b.Location())
}
