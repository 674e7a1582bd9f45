package demo

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"readout/liveblog"
)

func talks(t *testing.T, st liveblog.Store) liveblog.Talks {
	t.Helper()
	_, talks, err := st.Talks(t.Context(), Blog.Slug, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return talks
}

func board(t *testing.T, talks liveblog.Talks, track string) liveblog.TrackStanding {
	t.Helper()
	i := slices.IndexFunc(talks.Board, func(s liveblog.TrackStanding) bool { return s.ID == track })
	if i < 0 {
		t.Fatalf("the board has no track %s", track)
	}
	return talks.Board[i]
}

func session(t *testing.T, talks liveblog.Talks, id string) liveblog.SessionStanding {
	t.Helper()
	i := slices.IndexFunc(talks.Agenda, func(s liveblog.SessionStanding) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("the agenda has no session %s", id)
	}
	return talks.Agenda[i]
}

func claim(t *testing.T, talks liveblog.Talks, id string) liveblog.ClaimStanding {
	t.Helper()
	c, ok := talks.Claim(id)
	if !ok {
		t.Fatalf("there is no claim %s", id)
	}
	return c
}

func value(t *testing.T, talks liveblog.Talks, id string) string {
	t.Helper()
	f, ok := talks.Figure(id)
	if !ok {
		t.Fatalf("there is no figure %s", id)
	}
	return f.Value
}

// TestSeedShowsTheTalks checks that the seeded blog has acts of every kind and something on every page of the talks.
func TestSeedShowsTheTalks(t *testing.T) {
	t.Parallel()
	_, st := seeded(t)
	now := talks(t, st)

	kinds := map[liveblog.ActKind]int{}
	for _, e := range page(t, st).Entries {
		for _, a := range e.Acts.List() {
			kinds[a.Kind]++
		}
	}
	for _, kind := range []liveblog.ActKind{liveblog.ActMove, liveblog.ActPosition, liveblog.ActClaim, liveblog.ActCite,
		liveblog.ActQuote, liveblog.ActReadout, liveblog.ActText, liveblog.ActSession, liveblog.ActFigure} {
		if kinds[kind] == 0 {
			t.Errorf("no entry has an act of the kind %s", kind)
		}
	}

	states := map[liveblog.TrackState]int{}
	movedBack := false
	for _, s := range now.Board {
		states[s.State]++
		if len(s.History) == 0 {
			t.Errorf("the track %s has not moved", s.ID)
		}
		for _, m := range s.History {
			movedBack = movedBack || m.From == liveblog.TextCirculating && m.To == liveblog.InTalks
		}
	}
	if len(now.Board) != 8 || states[liveblog.Stalled] != 1 || states[liveblog.Agreed] != 1 || !movedBack {
		t.Errorf("the %d tracks are in the states %v; one has moved back: %v", len(now.Board), states, movedBack)
	}

	positions := map[string]int{} // by track
	for _, p := range now.Positions {
		positions[p.Track]++
	}
	both := 0
	for _, n := range positions {
		if n == 2 {
			both++
		}
	}
	if len(positions) < 7 || both < 5 {
		t.Errorf("%d tracks have positions, and %d those of both parties, want 7 and 5", len(positions), both)
	}

	for id, want := range map[string]liveblog.ClaimStatus{
		"agencies-assess": liveblog.Corroborated, "walkout": liveblog.Denied, "minerals-pact": liveblog.Confirmed,
		"summit-stands": liveblog.Reported, "small-steps": liveblog.Reported,
	} {
		c := claim(t, now, id)
		if c.Status != want {
			t.Errorf("the claim %s is %s, want %s", id, c.Status, want)
		}
		if len(c.CitedBy) < 2 && id != "small-steps" {
			t.Errorf("no other entry cites the claim %s", id)
		}
	}
	if on := liveblog.RestsOn(claim(t, now, "use-not-existence").Attribution); on != "controls-to-last" {
		t.Errorf("the claim rests on %q, want another claim", on)
	}

	i := slices.IndexFunc(now.Readouts, func(m liveblog.MeetingAccounts) bool { return m.ID == "technical-talks" })
	if accounts := now.Readouts[i].Accounts; len(accounts) != 2 {
		t.Errorf("the meeting has %d accounts, want 2", len(accounts))
	}
	if d, _ := now.Document("joint-statement"); len(d.Versions) != 3 {
		t.Errorf("the joint statement has %d versions", len(d.Versions))
	}
	for _, id := range []string{"open-brackets", "pause-in-the-draft-lapses"} {
		if f, ok := now.Figure(id); !ok || len(f.Before) != 2 {
			t.Errorf("the figure %s has %d earlier values, want 2", id, len(f.Before))
		}
	}
}

// TestSeedShowsATimetableThatSlips checks the agenda of the seeded blog.
func TestSeedShowsATimetableThatSlips(t *testing.T) {
	t.Parallel()
	_, st := seeded(t)
	now := talks(t, st)
	for id, want := range map[string]struct {
		status string
		late   bool
	}{
		"technical-first":  {liveblog.Over, true},
		"technical-second": {liveblog.Over, true},
		"joint-briefing":   {liveblog.Cancelled, false},
		"drafting":         {liveblog.Over, true},
		"stocktaking":      {liveblog.Planned, false},
		"ministers":        {liveblog.Planned, false},
		"leaders":          {liveblog.Planned, false},
	} {
		s := session(t, now, id)
		if s.Status != want.status || s.Slip() > 0 != want.late {
			t.Errorf("the session %s is %s and %v late, want %+v", id, s.Status, s.Slip(), want)
		}
		if s.To == nil || !s.To.After(s.From) {
			t.Errorf("the session %s is from %v to %v", id, s.From, s.To)
		}
		for _, step := range s.History {
			if step.By.At.After(start) {
				t.Errorf("the session %s changed at %v, after the start", id, step.By.At)
			}
		}
	}
	if s := session(t, now, "drafting"); s.History[len(s.History)-1].Status != liveblog.Postponed {
		t.Errorf("the history of the session drafting is %+v, want it to begin with a postponement", s.History)
	}
	for _, id := range []string{"ministers", "leaders"} {
		if s := session(t, now, id); !s.Starts.After(start.Add(5 * time.Minute)) {
			t.Errorf("the session %s starts at %v, want it after the start of the demo", id, s.Starts)
		}
	}
}

// TestCalendarMovesTheTalks checks, for many starts of the demo, that sessions that are over are before it and planned
// ones after it.
func TestCalendarMovesTheTalks(t *testing.T) {
	t.Parallel()
	s := loaded(t)
	from := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	for now := from; now.Before(from.AddDate(0, 0, 9)); now = now.Add(67 * time.Minute) {
		cal := s.calendar(now)
		setup := cal.setup(s.setup)
		for i, x := range setup.Sessions {
			if planned := s.setup.Sessions[i].Starts.After(cal.last); planned != x.Starts.After(now) {
				t.Errorf("start %v: the session %s, planned: %v, starts at %v", now, x.ID, planned, x.Starts)
			}
			if long := x.Ends.Sub(x.Starts); long > 12*time.Hour {
				t.Errorf("start %v: the session %s takes %v", now, x.ID, long)
			}
			if !x.Ends.After(x.Starts) {
				t.Errorf("start %v: the session %s ends at %v and starts at %v", now, x.ID, x.Ends, x.Starts)
			}
			if x.Starts.Minute()%5 != 0 || x.Starts.Second() != 0 {
				t.Errorf("start %v: the session %s starts at %v, want a multiple of five minutes", now, x.ID, x.Starts)
			}
		}
		for _, st := range s.seeded {
			if st.acts == nil {
				continue
			}
			for _, a := range cal.acts(st.acts).List() {
				day, err := time.Parse(time.DateOnly, a.Value)
				if err == nil && day.Before(now.AddDate(0, 0, 28)) {
					t.Errorf("start %v: the figure %s is %s, want four weeks later or more", now, a.Figure, a.Value)
				}
			}
		}
	}
	if got := s.setup.Sessions[0].Starts; !got.Equal(time.Date(2025, time.October, 22, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("the setup of the script itself was changed: %v", got)
	}
}

func TestPlayMovesTheTalks(t *testing.T) {
	t.Parallel()
	script, st := seeded(t)
	before := talks(t, st)
	synctest.Test(t, func(t *testing.T) {
		desk := liveblog.NewDesk(st, &announcements{}, liveblog.DeskOptions{})
		if err := script.Play(t.Context(), desk, every); err != nil {
			t.Fatal(err)
		}
	})
	now := talks(t, st)
	was, is := board(t, before, "soybeans").State, board(t, now, "soybeans").State
	if was != liveblog.TextCirculating || is != liveblog.Agreed {
		t.Errorf("the track soybeans went from %s to %s", was, is)
	}
	if was, is := board(t, before, "port-fees").State, board(t, now, "port-fees").State; was == is {
		t.Errorf("the track port-fees is still %s", was)
	}
	s := session(t, now, "stocktaking")
	if s.Status != liveblog.Over || len(s.History) != 2 || s.History[1].Status != liveblog.UnderWay {
		t.Errorf("the session is %s, after %+v", s.Status, s.History)
	}
	if is := claim(t, now, "small-steps").Status; is != liveblog.Corroborated {
		t.Errorf("the claim is %s", is)
	}
	if was, is := value(t, before, "open-brackets"), value(t, now, "open-brackets"); was != "6" || is != "4" {
		t.Errorf("the figure went from %s to %s", was, is)
	}
}

// TestPlayContinuesAfterAVisitorsMoves has a visitor move tracks so that moves of the script are no longer legal.
func TestPlayContinuesAfterAVisitorsMoves(t *testing.T) {
	t.Parallel()
	script, st := seeded(t)
	visitor := liveblog.Actor{ID: "u", Name: "A visitor", Role: liveblog.Editor}
	desk := liveblog.NewDesk(st, &announcements{}, liveblog.DeskOptions{Now: func() time.Time { return start }})
	acts := liveblog.NewActs([]liveblog.Act{
		{Kind: liveblog.ActMove, Track: "port-fees", To: liveblog.TextCirculating},
		{Kind: liveblog.ActMove, Track: "soybeans", To: liveblog.Collapsed},
	})
	entry := liveblog.EntryInput{Body: "The visitor’s text.", Acts: acts}
	if _, _, err := desk.Post(t.Context(), visitor, Blog.Slug, entry, nil); err != nil {
		t.Fatal(err)
	}
	before := len(page(t, st).Entries)
	synctest.Test(t, func(t *testing.T) {
		desk := liveblog.NewDesk(st, &announcements{}, liveblog.DeskOptions{})
		if err := script.Play(t.Context(), desk, every); err != nil {
			t.Errorf("the demo stopped: %v", err)
		}
	})
	// The update on port fees is posted without its acts. The one on soybeans remains a draft, since it cannot be
	// published.
	posts := 0
	for _, step := range script.live {
		if step.verb == post {
			posts++
		}
	}
	if got := len(page(t, st).Entries) - before; got != posts-1 {
		t.Errorf("%d entries appeared, want %d", got, posts-1)
	}
	now := talks(t, st)
	if s := board(t, now, "soybeans"); s.State != liveblog.Collapsed {
		t.Errorf("the track soybeans is %s, want the visitor’s %s", s.State, liveblog.Collapsed)
	}
	if s := session(t, now, "stocktaking"); s.Status != liveblog.Planned {
		t.Errorf("the session is %s: the desk took only some of an entry’s acts", s.Status)
	}
}
