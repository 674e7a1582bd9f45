package handlers

import (
	"testing"
	"time"

	"readout/liveblog"
)

// talksSetup is the setup that the acts of these tests refer to.
func talksSetup() liveblog.Setup {
	return liveblog.Setup{
		Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"},
			{ID: "rare-earths", Name: "Rare earths", Description: "Export | controls"}, {ID: "chips", Name: "Chips"}},
		Parties: []liveblog.Party{{ID: "china", Name: "China", Capital: "Beijing", TimeZone: "Asia/Shanghai"},
			{ID: "us", Name: "United States", Capital: "Washington", TimeZone: "America/New_York"}},
		Speakers: []liveblog.Speaker{{ID: "he-lifeng", Name: "He Lifeng", Office: "Vice Premier", Party: "china"},
			{ID: "wu-xinbo", Name: "Wu Xinbo"}},
		Meetings: []liveblog.Meeting{{ID: "leaders", Name: "Leaders’ meeting"}},
		Sessions: []liveblog.AgendaItem{
			{ID: "plenary", Name: "Plenary", Place: "Busan", Starts: time.Date(2025, 10, 30, 2, 0, 0, 0, time.UTC)}},
		Approval: []liveblog.TrackState{liveblog.Agreed},
	}
}

// newTalksSite returns a desk whose blog has a setup, with a venue in Seoul.
func newTalksSite(t *testing.T) *deskSite {
	t.Helper()
	s := newDeskSite(t)
	s.setUp(t)
	return s
}

func (s *deskSite) setUp(t *testing.T) {
	t.Helper()
	if _, err := s.desk.UpdateBlog(t.Context(), s.actor(liveblog.Editor), "summit",
		liveblog.BlogPatch{TimeZone: new("Asia/Seoul")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.UpdateSetup(t.Context(), s.actor(liveblog.Admin), "summit", talksSetup()); err != nil {
		t.Fatal(err)
	}
}

// postActs posts an entry with acts, given as slash commands.
func (s *deskSite) postActs(t *testing.T, role liveblog.Role, status liveblog.EntryStatus,
	commands string) liveblog.Entry {
	t.Helper()
	acts, err := liveblog.ParseCommands(talksSetup(), time.UTC, commands)
	if err != nil {
		t.Fatal(err)
	}
	return s.add(t, role, liveblog.EntryInput{Body: "B.", Acts: acts, Status: status})
}

// trackState returns the present state of a track.
func (s *deskSite) trackState(t *testing.T, track string) liveblog.TrackState {
	t.Helper()
	_, talks, err := s.failingStore.Store.Talks(t.Context(), "summit", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, standing := range talks.Board {
		if standing.ID == track {
			return standing.State
		}
	}
	t.Fatalf("the board has no track %s", track)
	return ""
}

// commands returns an entry's acts as commands, with times in the venue's zone.
func (s *deskSite) commands(t *testing.T, number int) string {
	t.Helper()
	b, err := s.failingStore.Store.Blog(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	return s.entry(t, number).Acts.Commands(b.Location())
}
