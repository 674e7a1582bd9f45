package program

import (
	"context"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
)

// Operator returns an actor like the command line's, who may do everything.
func Operator() liveblog.Actor {
	return liveblog.Actor{ID: "u_operator", Name: "The operator", Role: liveblog.Admin}
}

// Prepare creates the live blog "summit" in a store before a server uses it, and a token of an editor for the API.
func Prepare(t testing.TB, s liveblog.Store) (b liveblog.Blog, token string) {
	t.Helper()
	desk := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{})
	blog := liveblog.NewBlog{Slug: "summit", Title: "The summit", Status: liveblog.Live}
	b, err := desk.CreateBlog(t.Context(), Operator(), blog)
	if err != nil {
		t.Fatal(err)
	}
	token, err = server.NewAccounts(s).AddToken(t.Context(), Operator(),
		liveblog.NewToken{Name: "Wire", Role: liveblog.Editor})
	if err != nil {
		t.Fatal(err)
	}
	return b, token
}

// Await waits until a condition holds. what describes the condition for the error.
func Await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	for !holds() {
		if ctx.Err() != nil {
			t.Fatalf("waited %v in vain until %s", Patience, what)
		}
		Pause(ctx, 20*time.Millisecond)
	}
}

// Pause waits for d, or until ctx is done.
func Pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
