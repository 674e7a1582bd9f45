package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

// plainTalks is a summary of the talks for comparisons, with a line for each item.
type plainTalks []string

// recompute computes the summary from entries, without using the domain's rules.
func recompute(entries []liveblog.Entry) plainTalks {
	public := slices.DeleteFunc(slices.Clone(entries), func(e liveblog.Entry) bool { return !e.Public() })
	slices.SortFunc(public, func(a, b liveblog.Entry) int {
		return cmp.Or(a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.Number, b.Number))
	})
	newest, cited, text, more := map[string]string{}, map[string][]string{}, map[string]string{}, plainTalks{}
	for _, e := range public {
		for _, a := range e.Acts.List() {
			at := fmt.Sprintf(" by %d at %v", e.Number, e.PublishedAt)
			switch a.Kind {
			case liveblog.ActMove:
				was, moved := newest["track "+a.Track]
				if moved && !strings.HasPrefix(was, string(a.To)+" ") || !moved && a.To != liveblog.NotRaised {
					newest["track "+a.Track] = string(a.To) + at
				}
			case liveblog.ActPosition:
				newest["position "+a.Party+" on "+a.Track] = a.Text + at
			case liveblog.ActClaim:
				if a.Text != "" {
					text[a.Claim] = a.Text
				} else if text[a.Claim] == "" {
					text[a.Claim] = a.Claim
				}
				newest["claim "+a.Claim] = a.Status + " " + text[a.Claim] + at
				cited[a.Claim] = append(cited[a.Claim], fmt.Sprint(e.Number))
			case liveblog.ActCite:
				cited[a.Claim] = append(cited[a.Claim], fmt.Sprint(e.Number))
			case liveblog.ActQuote:
				more = append(more, "quote "+a.Text+at)
			case liveblog.ActReadout:
				newest["account "+a.Meeting+" by "+a.Party] = strings.Join(a.Points, ";") + at
			case liveblog.ActText:
				more = append(more, "text "+a.Document+" "+a.Version+at)
			case liveblog.ActSession:
				newest["session "+a.Session] = a.Status + at
			case liveblog.ActFigure:
				newest["figure "+a.Figure] = a.Value + at
			}
		}
	}
	for thing, state := range newest {
		if id, ok := strings.CutPrefix(thing, "claim "); ok {
			state += " cited by " + strings.Join(slices.Compact(cited[id]), ",")
		}
		more = append(more, thing+" "+state)
	}
	slices.Sort(more)
	return more
}

// summed returns the summary of the store's talks.
func summed(t liveblog.Talks) plainTalks {
	all := plainTalks{}
	add := func(by liveblog.By, words ...string) {
		if by.Entry != 0 {
			all = append(all, strings.Join(words, " ")+fmt.Sprintf(" by %d at %v", by.Entry, by.At))
		}
	}
	for _, s := range t.Board {
		add(s.By, "track", s.ID, string(s.State))
	}
	for _, p := range t.Positions {
		add(p.By, "position", p.Party, "on", p.Track, p.Text)
	}
	for _, c := range t.Claims {
		add(c.By, "claim", c.Claim, string(c.Status), c.Text)
		all[len(all)-1] += " cited by " + strings.Trim(strings.ReplaceAll(fmt.Sprint(c.CitedBy), " ", ","), "[]")
	}
	for _, q := range t.Quotes {
		add(q.By, "quote", q.Text)
	}
	for _, m := range t.Readouts {
		for _, a := range m.Accounts {
			add(a.By, "account", m.ID, "by", a.Party, strings.Join(a.Points, ";"))
		}
	}
	for _, d := range t.Texts {
		for _, v := range d.Versions {
			add(v.By, "text", d.Document, v.Version)
		}
	}
	for _, s := range t.Agenda {
		add(s.By, "session", s.ID, s.Status)
	}
	for _, f := range t.Figures {
		add(f.By, "figure", f.Figure, f.Value)
	}
	slices.Sort(all)
	return all
}

func drawActs(r *rapid.T) liveblog.Acts {
	from := func(what string, values ...string) string { return rapid.SampledFrom(values).Draw(r, what) }
	one := rapid.Custom(func(r *rapid.T) liveblog.Act {
		switch a := (liveblog.Act{Kind: liveblog.ActKind(rapid.SampledFrom([]string{"move", "move", "move", "claim",
			"claim", "claim", "cite", "cite",
			"position", "quote", "readout", "text", "session", "figure"}).Draw(r, "kind"))}); a.Kind {
		case liveblog.ActMove:
			a.Track, a.To = from("track", "tariffs", "rare-earths"),
				rapid.SampledFrom(liveblog.TrackStates()).Draw(r, "to")
			return a
		case liveblog.ActClaim:
			a.Claim, a.Status = from("claim", "a", "b", "c"),
				from("status", "reported", "corroborated", "confirmed", "denied", "withdrawn")
			a.Text, a.Attribution = from("text", "", "One.", "Two."),
				from("attribution", "", "", "claim:a", "claim:b", "an official")
			return a
		case liveblog.ActCite:
			a.Claim = from("claim", "a", "b", "c")
			return a
		case liveblog.ActPosition:
			a.Party, a.Track, a.Text = from("party", "us", "china"), from("track", "tariffs", "rare-earths"),
				from("text", "Yes.", "No.")
			return a
		case liveblog.ActQuote:
			a.Speaker, a.Text = "envoy", from("text", "Well.", "Badly.")
			return a
		case liveblog.ActReadout:
			a.Meeting, a.Party, a.Points = "leaders", from("party", "us", "china"),
				[]string{from("point", "They met.", "They parted.")}
			return a
		case liveblog.ActText:
			a.Document, a.Version, a.Body = from("document", "statement", "annex"), from("version", "1", "2", "3"),
				"Agreed."
			return a
		case liveblog.ActSession:
			a.Session, a.Status = "opening", from("status", "planned", "under_way", "over", "postponed", "cancelled")
			return a
		default:
			a.Figure, a.Value = from("figure", "tariff", "price"), from("value", "1", "2", "soon")
			return a
		}
	})
	return liveblog.NewActs(rapid.SliceOfN(one, 0, 3).Draw(r, "acts"))
}

// remembered is the state of the talks at a moment, read when it was the present.
type remembered struct {
	at    time.Time
	talks plainTalks
}

// testTalksRandom: after random writes, the talks and the talks in changes are those that the public entries give.
// Reads of past moments return the talks as they were then.
func testTalksRandom(t *testing.T, f *fixture) {
	blogs := 0
	rapid.Check(t, func(r *rapid.T) {
		blogs++
		x := &talksExercise{f: f, ctx: t.Context(), slug: fmt.Sprintf("talks-%d", blogs)}
		if _, err := f.CreateBlog(x.ctx, newBlog(x.slug), audit(0, "blog.create")); err != nil {
			r.Fatal(err)
		}
		x.setUp(r)
		r.Repeat(map[string]func(*rapid.T){"post": x.post, "post more": x.post, "revise": x.revise,
			"revise more": x.revise, "setup": x.setUp, "past": x.past, "": x.compare})
	})
}

type talksExercise struct {
	f       *fixture
	ctx     context.Context
	slug    string
	clock   int
	last    liveblog.Talks // as it was after the last write
	moments []remembered
	number  int // of the last entry
}

func (x *talksExercise) post(r *rapid.T) {
	x.clock++
	e := newEntry(timed(minute(x.clock)))
	e.Acts = drawActs(r)
	if rapid.IntRange(0, 3).Draw(r, "draft") == 0 {
		draft(&e)
	}
	x.commit(r, liveblog.Commit{Slug: x.slug, Entry: e, Audit: audit(x.clock, "entry.post")})
}

func (x *talksExercise) revise(r *rapid.T) {
	if x.number == 0 {
		r.Skip("no entry")
	}
	prev, err := x.f.Entry(x.ctx, x.slug, rapid.IntRange(1, x.number).Draw(r, "number"))
	if err != nil {
		r.Fatal(err)
	}
	if prev.Status == liveblog.Removed {
		r.Skip("removed")
	}
	x.clock++
	next := prev
	next.UpdatedAt = minute(x.clock)
	switch rapid.SampledFrom([]string{"acts", "acts", "words", "remove", "publish"}).Draw(r, "change") {
	case "acts":
		next.Acts = drawActs(r)
	case "words":
		next.Body = fmt.Sprintf("Mended at %d.", x.clock)
	case "remove":
		removed(&next)
	case "publish":
		if prev.Public() {
			r.Skip("public")
		}
		next.Status, next.PublishedAt = liveblog.Published, minute(x.clock)
	}
	x.commit(r, liveblog.Commit{Slug: x.slug, Entry: next, Base: prev.Revision, Audit: audit(x.clock, "entry.edit")})
}

func (x *talksExercise) commit(r *rapid.T, c liveblog.Commit) {
	before, err := x.f.Cursor(x.ctx, x.slug)
	if err != nil {
		r.Fatal(err)
	}
	done, err := x.f.Commit(x.ctx, c)
	if liveblog.CodeOf(err) == liveblog.Invalid {
		if after, err := x.f.Cursor(x.ctx, x.slug); err != nil || after != before {
			r.Fatalf("after a refusal the cursor is %v, not %v (%v)", after, before, err)
		}
		equal(r, "talks after a refusal", x.now(r), x.last)
		return
	}
	if err != nil {
		r.Fatal(err)
	}
	x.number = max(x.number, done.Entry.Number)
	x.checkWrite(r, done.Changes)
}

// setUp replaces the setup by one with another name for a track.
func (x *talksExercise) setUp(r *rapid.T) {
	x.clock++
	s := talksSetup()
	s.Tracks[0].Name = rapid.SampledFrom([]string{"Tariffs", "Duties"}).Draw(r, "name")
	_, changes, err := x.f.UpdateSetup(x.ctx, x.slug, s, audit(x.clock, "blog.setup"))
	if err != nil {
		r.Fatal(err)
	}
	x.checkWrite(r, changes)
}

// checkWrite compares the changes of a write with the store's talks and remembers these.
func (x *talksExercise) checkWrite(r *rapid.T, changes []liveblog.Change) {
	now := x.now(r)
	told := x.last
	for _, c := range changes {
		if c.Talks != nil {
			told = *c.Talks
		}
	}
	equal(r, "talks of the change", told, now)
	x.last = now
	x.moments = append(x.moments, remembered{minute(x.clock), summed(now)})
}

func (x *talksExercise) now(r *rapid.T) liveblog.Talks {
	_, talks, err := x.f.Talks(x.ctx, x.slug, time.Time{})
	if err != nil {
		r.Fatal(err)
	}
	return talks
}

func (x *talksExercise) compare(r *rapid.T) {
	entries, err := x.f.Entries(x.ctx, x.slug, 0, everything)
	if err != nil {
		r.Fatal(err)
	}
	equal(r, "talks", summed(x.now(r)), recompute(entries))
	for _, c := range x.last.Claims { // there are no cycles
		seen := map[string]bool{}
		for id := c.Claim; id != ""; {
			if seen[id] {
				r.Fatalf("claims rest on each other: %v", slices.Collect(maps.Keys(seen)))
			}
			seen[id] = true
			next, _ := x.last.Claim(id)
			id = liveblog.RestsOn(next.Attribution)
		}
	}
}

func (x *talksExercise) past(r *rapid.T) {
	p := rapid.SampledFrom(x.moments).Draw(r, "moment")
	for _, at := range []time.Time{p.at, p.at.Add(59 * time.Second)} {
		_, talks, err := x.f.Talks(x.ctx, x.slug, at)
		if err != nil {
			r.Fatal(err)
		}
		equal(r, "talks then", summed(talks), p.talks)
	}
}
