package realtime

import (
	"context"
	"log/slog"
	"time"

	"readout/liveblog"
)

// refreshCall is one read of the store's changes after the feed's cursor. Any number of clients may wait for it.
type refreshCall struct {
	done chan struct{} // closed when err is set
	err  error
}

func newRefreshCall() *refreshCall { return &refreshCall{done: make(chan struct{})} }

// minRefreshInterval is the shortest time between two refreshes that clients' cursors cause. Anybody can invent a
// cursor, so without a limit strangers could make the feed read the store all the time.
const minRefreshInterval = 100 * time.Millisecond

// refreshLoop refreshes the feed, one call at a time: at once when it is stale, at most every minRefreshInterval for
// clients that seem to be ahead.
func (f *feed) refreshLoop(ctx context.Context) {
	var last time.Time
	for ctx.Err() == nil {
		f.mu.Lock()
		stale, wanted := f.stale, f.refreshWanted
		f.mu.Unlock()
		wait := minRefreshInterval - time.Since(last)
		if stale || wanted && wait <= 0 {
			f.runQueued(ctx)
			last = time.Now()
			continue
		}
		var later <-chan time.Time
		if wanted {
			later = time.After(wait)
		}
		select {
		case <-f.wake:
		case <-later:
		case <-ctx.Done():
		}
	}
}

// runQueued runs the queued call and releases the clients that wait for it.
func (f *feed) runQueued(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, f.hub.opt.StoreTimeout)
	defer cancel()
	f.mu.Lock()
	call := f.queued
	f.running, f.queued = call, newRefreshCall()
	f.stale, f.refreshWanted = false, false
	f.mu.Unlock()
	call.err = f.refresh(ctx)
	f.mu.Lock()
	f.running = nil
	f.mu.Unlock()
	close(call.done)
}

// refresh reads the changes after the feed's cursor from the store and applies them. Only open and then refreshLoop
// call it, so no two calls overlap; notices may move the cursor while the store is read.
func (f *feed) refresh(ctx context.Context) error {
	f.mu.Lock()
	after := f.cursor
	f.mu.Unlock()
	changes, err := f.hub.opt.Store.ChangesAfter(ctx, f.slug, after, f.hub.opt.tail)
	f.mu.Lock()
	changed := f.noteStoreState(err)
	switch {
	case err != nil:
	case changes.Reload:
		f.restart(changes)
	default:
		for _, c := range changes.List {
			if c.Cursor.Seq > f.cursor.Seq {
				f.apply(c)
			}
		}
		f.talksGap = false // if the talks had changed, the list would have them
	}
	f.mu.Unlock()
	if changed {
		f.logStoreState(err)
	}
	return err
}

// noteStoreState remembers whether the store answered and reports whether that is news. The caller holds f.mu.
func (f *feed) noteStoreState(err error) (changed bool) {
	down := err != nil
	if down == f.storeDown || down && (f.retired || f.hub.ctx.Err() != nil) {
		return false
	}
	f.storeDown = down
	return true
}

func (f *feed) logStoreState(err error) {
	if err != nil {
		f.hub.opt.Log.Warn("the store does not answer; readers stay connected and get new changes when it is back",
			"blog", f.slug, slog.Any("error", err))
	} else {
		f.hub.opt.Log.Info("the store answers again", "blog", f.slug)
	}
}

// waitFor waits until the feed has reached a client's cursor, or has been refreshed once since the call: a client that
// is ahead either comes from another node, or has invented its cursor. All clients that wait share one refresh; clients
// that are not ahead do not wait and can join while the store is unavailable.
//
// It fails with the store's error; with Unavailable when ctx ends; and with errRetired, upon which the caller asks the
// hub for the feed again.
func (f *feed) waitFor(ctx context.Context, after liveblog.Cursor) error {
	for _, last := range []bool{false, true} {
		f.mu.Lock()
		f.lastUsed = f.hub.opt.now()
		ahead, call := f.isAhead(after), f.running
		if call == nil {
			call = f.queued
			last = true
			f.refreshWanted = f.refreshWanted || ahead
		}
		f.mu.Unlock()
		if !ahead {
			return nil
		}
		wake(f.wake)
		select {
		case <-call.done:
		case <-f.done:
			return errRetired
		case <-ctx.Done():
			return busy(ctx)
		}
		if call.err != nil || last {
			return call.err
		}
		// That call began before this client came and may have missed what the client knows: wait for one more.
	}
	return nil
}

// isAhead reports whether a client's cursor is one that the feed has not reached or does not know. The caller holds
// f.mu.
func (f *feed) isAhead(after liveblog.Cursor) bool {
	return !after.IsZero() && (after.Epoch != f.cursor.Epoch || after.Seq > f.cursor.Seq)
}

// busy is the error for a request that was not answered before its context ended.
func busy(ctx context.Context) error {
	return &liveblog.Error{Code: liveblog.Unavailable, Message: "The server is busy; please try again.", Err: ctx.Err()}
}
