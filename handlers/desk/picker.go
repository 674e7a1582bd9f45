package desk

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// PickCommand describes a command to the composer's script, which offers a list of choices for each of its slots.
type PickCommand struct {
	Name    string       `json:"name"`
	Usage   string       `json:"usage"`
	Slots   []pickSlot   `json:"places"`
	Options []pickOption `json:"options"`
}

// pickSlot is a part of a command that names an item of a list, and the text that follows it.
type pickSlot struct {
	List string `json:"list"`
	End  string `json:"end"` // separator, such as " → "
}

// pickOption is an option of a command: what follows a bar.
type pickOption struct {
	Name string `json:"name"`
	List string `json:"list"` // empty for free text
}

// pickCommands returns the grammar of the commands, as far as their parts can be picked from lists.
func pickCommands() []PickCommand {
	source := pickOption{Name: "source"}
	all := []PickCommand{
		{"move", "", []pickSlot{{"tracks", " → "}, {"states", ""}}, []pickOption{source}},
		{"position", "", []pickSlot{{"parties", " on "}, {"tracks", ": "}},
			[]pickOption{{"speaker", "speakers"}, source}},
		{"claim", "", []pickSlot{{"claims", " "}, {"claim_statuses", ""}}, []pickOption{{Name: "by"}}},
		{"cite", "", []pickSlot{{"claims", ""}}, nil},
		{"quote", "", []pickSlot{{"speakers", ": "}},
			[]pickOption{{Name: "original"}, {Name: "language"}, {Name: "translator"}, {"record", "records"}, source}},
		{"readout", "", []pickSlot{{"meetings", " by "}, {"parties", ""}}, []pickOption{source}},
		{"text", "", []pickSlot{{"documents", " "}}, nil},
		{"session", "", []pickSlot{{"sessions", " "}, {"session_statuses", ""}},
			[]pickOption{{Name: "starts"}, {Name: "ends"}}},
		{"figure", "", []pickSlot{{"figures", " = "}}, []pickOption{source}},
		{"key", "", nil, nil},
		{"pin", "", nil, nil},
		{"summary", "", nil, nil},
		{"as", "", []pickSlot{{"members", ""}}, nil},
		{"at", "", []pickSlot{{"times", ""}}, nil},
	}
	for i, c := range all {
		for _, usage := range slices.Concat(liveblog.Usages(), liveblog.EntryUsages()) {
			if usage == "/"+c.Name || strings.HasPrefix(usage, "/"+c.Name+" ") {
				all[i].Usage, _, _ = strings.Cut(usage, "\n")
			}
		}
		all[i].Options = web.NonNil(c.Options)
	}
	return all
}

// picks returns the lists of what commands may name at the moment.
func picks(t liveblog.Talks) []view.PickList {
	return []view.PickList{
		pickList("tracks", "Tracks", t.Board, func(s liveblog.TrackStanding) view.Pick {
			return withNext(view.Pick{Value: s.ID, Name: s.Name}, s.State, s.State.Next())
		}),
		pickList("states", "States of a track", liveblog.TrackStates(),
			func(s liveblog.TrackState) view.Pick { return view.Pick{Value: s.Name()} }),
		pickList("parties", "Parties", t.Setup.Parties,
			func(p liveblog.Party) view.Pick { return view.Pick{Value: p.ID, Name: p.Name} }),
		pickList("speakers", "Speakers", t.Setup.Speakers,
			func(p liveblog.Speaker) view.Pick { return view.Pick{Value: p.ID, Name: p.Name, Note: p.Office} }),
		pickList("meetings", "Meetings", t.Setup.Meetings,
			func(m liveblog.Meeting) view.Pick { return view.Pick{Value: m.ID, Name: m.Name} }),
		pickList("sessions", "Sessions", t.Agenda, func(s liveblog.SessionStanding) view.Pick {
			return withNext(view.Pick{Value: s.ID, Name: s.Name}, s.Status, liveblog.NextSessionStatuses(s.Status))
		}),
		pickList("session_statuses", "Statuses of a session",
			[]string{liveblog.Planned, liveblog.UnderWay, liveblog.Over, liveblog.Postponed, liveblog.Cancelled},
			func(s string) view.Pick { return view.Pick{Value: inWords(s)} }),
		pickList("claims", "Claims", t.Claims, func(c liveblog.ClaimStanding) view.Pick {
			return withNext(view.Pick{Value: c.Claim, Name: web.Truncate(c.Text, 80)}, c.Status, c.Status.Next())
		}),
		pickList("claim_statuses", "Statuses of a claim", []liveblog.ClaimStatus{liveblog.Reported,
			liveblog.Corroborated, liveblog.Confirmed, liveblog.Denied, liveblog.Withdrawn},
			func(s liveblog.ClaimStatus) view.Pick { return view.Pick{Value: string(s)} }),
		pickList("figures", "Figures", t.Figures, func(f liveblog.FigureStanding) view.Pick {
			return view.Pick{Value: f.Figure, Note: strings.TrimSpace(f.Value + " " + f.Unit)}
		}),
		pickList("documents", "Texts", t.Texts, func(d liveblog.Document) view.Pick {
			return view.Pick{Value: d.Document, Note: "version " + d.Versions[len(d.Versions)-1].Version}
		}),
		pickList("records", "Records of a quote", liveblog.Records(),
			func(s string) view.Pick { return view.Pick{Value: s} }),
	}
}

// withNext adds to a pick its present state and those that may follow it.
func withNext[S ~string](p view.Pick, state S, next []S) view.Pick {
	p.State = inWords(string(state))
	p.Note = p.State
	for _, s := range next {
		p.Next = append(p.Next, inWords(string(s)))
	}
	return p
}

func pickList[T any](key, name string, items []T, pick func(T) view.Pick) view.PickList {
	list := view.PickList{Key: key, Name: name, Items: make([]view.Pick, len(items))}
	for i, item := range items {
		list.Items[i] = pick(item)
	}
	return list
}

// inWords spells a status as commands do, with spaces for underscores.
func inWords(status string) string { return strings.ReplaceAll(status, "_", " ") }

// fillForm adds to a composer what it needs to know of its blog.
func (t talksState) fillForm(f *view.EntryForm) {
	f.Desk, f.Language = "/desk/"+t.blog.Slug, t.blog.Language
	f.Known = picks(t.ledger.Fold())
}

// ActsData answers the composer's script with the commands and the lists of what they may name.
func (d *Handlers) ActsData(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	slug := c.Params("slug")
	blog, talks, err := d.Store.Talks(ctx, slug, time.Time{})
	if err != nil {
		return err
	}
	members, err := d.Desk.Writers(ctx, v.actor(), slug)
	if err != nil {
		return err
	}
	named := func(name string) view.Pick { return view.Pick{Value: name} }
	lists := append(picks(talks), pickList("members", "Members", members, named),
		pickList("times", "Time of day", nil, named)) // the script knows what time it is in the zone
	body, err := json.Marshal(map[string]any{"commands": pickCommands(), "lists": lists, "zone": blog.TimeZone})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.NewRepresentation(fiber.MIMEApplicationJSON, body).Send(c)
}
