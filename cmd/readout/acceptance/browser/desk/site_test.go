package desk_test

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/handlers"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
	"readout/views"
	"readout/views/talks"
)

// asTyped begins the password of the user that the tests add. It is what follows, which no person may choose.
const asTyped = "the password that is typed as "

func hashPassword(password string) (string, error) {
	return "hash of " + strings.TrimPrefix(password, asTyped), nil
}

// editor is both the e-mail address and the password of the editor who is logged in.
const editor = "editor@paper.example"

// site is a running server with the blog "summit". Tests can cut its network, make its store unavailable, and advance
// its sessions' clock.
type site struct {
	base    string // URL
	store   *failingStore
	desk    *liveblog.Desk
	by      liveblog.Actor // the editor
	network *cuttableListener
	ahead   atomic.Int64 // how far the sessions' clock is ahead, in nanoseconds
}

// failingStore refuses to commit while it is down.
type failingStore struct {
	liveblog.Store
	down atomic.Bool
}

func (s *failingStore) Commit(ctx context.Context, c liveblog.Commit) (liveblog.Committed, error) {
	if s.down.Load() {
		return liveblog.Committed{}, &liveblog.Error{Code: liveblog.Unavailable, Message: "The store is unavailable."}
	}
	return s.Store.Commit(ctx, c)
}

// cuttableListener closes its connections, old and new, while it is cut.
type cuttableListener struct {
	net.Listener
	mu    sync.Mutex // guards the fields below
	cut   bool
	conns []net.Conn // every accepted connection
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

// newSite starts a site. It stops when the test ends.
func newSite(t *testing.T) *site {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "readout.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	broker := realtime.NewLocalBroker()
	t.Cleanup(func() { broker.Close() })
	s := &site{
		base:    "http://" + listener.Addr().String(),
		network: &cuttableListener{Listener: listener},
		store:   &failingStore{Store: db},
	}
	s.desk = liveblog.NewDesk(s.store, broker, liveblog.DeskOptions{Log: log, Headline: talks.Headline})
	hub, err := realtime.NewHub(realtime.Options{
		Store: s.store, Broker: broker, Log: log, MaxClients: 8, Renderer: handlers.Renderer(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Close() })
	accounts := liveblog.NewAccounts(s.store, liveblog.AccountsOptions{
		HashPassword:   hashPassword,
		VerifyPassword: func(password, hash string) bool { return hash == "hash of "+password },
		Now:            func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
	})
	user, err := accounts.AddUser(t.Context(), program.Operator(),
		liveblog.NewUser{Email: editor, Name: "The editor", Role: liveblog.Editor, Password: asTyped + editor})
	if err != nil {
		t.Fatal(err)
	}
	s.by = user.Actor()
	blog := liveblog.NewBlog{Slug: "summit", Title: "The summit"}
	if _, err := s.desk.CreateBlog(t.Context(), s.by, blog); err != nil {
		t.Fatal(err)
	}
	app := handlers.New(handlers.Options{
		Store: s.store, Desk: s.desk, Accounts: accounts, Hub: hub, Log: log,
		Site: views.Site{Name: "Readout", BaseURL: s.base},
	})
	served := make(chan error, 1)
	go func() { served <- app.Listener(s.network) }()
	t.Cleanup(func() {
		// The browser keeps idle connections open.
		if err := app.ShutdownWithTimeout(time.Second); err != nil {
			s.network.setCut(true)
		}
		<-served
	})
	return s
}

// advance sets the sessions' clock forward.
func (s *site) advance(d time.Duration) { s.ahead.Add(int64(d)) }

// add posts an entry without the browser.
func (s *site) add(t *testing.T, in liveblog.EntryInput) {
	t.Helper()
	if _, _, err := s.desk.Post(t.Context(), s.by, "summit", in, nil); err != nil {
		t.Fatal(err)
	}
}

// edit edits the first revision of an entry as another editor.
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

// count returns the number of entries.
func (s *site) count(t *testing.T) int {
	t.Helper()
	list, err := s.store.Entries(t.Context(), "summit", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// talksSetup returns the setup of the blog.
func talksSetup() liveblog.Setup {
	return liveblog.Setup{
		Tracks: []liveblog.Track{
			{ID: "tariffs", Name: "Tariffs"},
			{ID: "rare-earths", Name: "Rare earths", Description: "Export | controls"},
			{ID: "chips", Name: "Chips"},
		},
		Approval: []liveblog.TrackState{liveblog.Agreed},
	}
}

// setUp gives the blog its setup and the time zone of Seoul.
func (s *site) setUp(t *testing.T) {
	t.Helper()
	patch := liveblog.BlogPatch{TimeZone: new("Asia/Seoul")}
	if _, err := s.desk.UpdateBlog(t.Context(), s.by, "summit", patch); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.UpdateSetup(t.Context(), program.Operator(), "summit", talksSetup()); err != nil {
		t.Fatal(err)
	}
}

// postActs posts an entry with acts, given as slash commands.
func (s *site) postActs(t *testing.T, status liveblog.EntryStatus, commands string) {
	t.Helper()
	acts, err := liveblog.ParseCommands(talksSetup(), time.UTC, commands)
	if err != nil {
		t.Fatal(err)
	}
	s.add(t, liveblog.EntryInput{Body: "B.", Acts: acts, Status: status})
}

// trackState returns the present state of a track.
func (s *site) trackState(t *testing.T, track string) liveblog.TrackState {
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

// commands returns an entry's acts as slash commands.
func (s *site) commands(t *testing.T, number int) string {
	t.Helper()
	b, err := s.store.Blog(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	return s.entry(t, number).Acts.Commands(b.Location())
}
