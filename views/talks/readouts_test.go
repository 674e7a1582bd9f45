package talks

import (
	"slices"
	"testing"

	"readout/liveblog"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func accounts(points ...[]string) (list []liveblog.PartyAccount) {
	for i, p := range points {
		list = append(list, liveblog.PartyAccount{Party: string(rune('a' + i)), Points: p})
	}
	return list
}

func TestAlignAccounts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		accounts []liveblog.PartyAccount
		want     []AccountRow
	}{
		"by topic": {
			accounts(
				[]string{"[tariffs] They stay.", "[Rare  earths] Suspended."},
				[]string{"[rare earths] For a year.", "[Tariffs] They go."},
			),
			[]AccountRow{
				{"tariffs", false, [][]string{{"They stay."}, {"They go."}}},
				{"Rare earths", false, [][]string{{"Suspended."}, {"For a year."}}},
			},
		},
		"two points on one topic": {
			accounts([]string{"[a] One.", "[a] Two."}, []string{"[a] Three."}),
			[]AccountRow{{"a", false, [][]string{{"One.", "Two."}, {"Three."}}}},
		},
		"by similarity": {
			accounts([]string{"China suspends its controls on rare earths for a year.", "Soybean purchases resume."},
				[]string{
					"Both sides discussed Taiwan.",
					"The rare earth control measures are suspended for one year.",
				}),
			[]AccountRow{
				{"", false, [][]string{nil, {"Both sides discussed Taiwan."}}},
				{
					"", true,
					[][]string{
						{"China suspends its controls on rare earths for a year."},
						{"The rare earth control measures are suspended for one year."},
					},
				},
				{"", false, [][]string{{"Soybean purchases resume."}, nil}},
			},
		},
		"similar to a point with a topic": {
			accounts(
				[]string{"[rare earths] China suspends its controls for a year."},
				[]string{"Controls on rare earths are suspended for a year."},
			),
			[]AccountRow{
				{
					"rare earths", true,
					[][]string{
						{"China suspends its controls for a year."},
						{"Controls on rare earths are suspended for a year."},
					},
				},
			},
		},
		"different topics stay apart": {
			accounts([]string{"[one] The controls are suspended."}, []string{"[two] The controls are suspended."}),
			[]AccountRow{
				{"two", false, [][]string{nil, {"The controls are suspended."}}},
				{"one", false, [][]string{{"The controls are suspended."}, nil}},
			},
		},
		"the most similar first": {
			accounts(
				[]string{"Tariffs on steel fall."},
				[]string{"Tariffs on wine fall.", "Tariffs on steel fall to zero."},
			),
			[]AccountRow{
				{"", false, [][]string{nil, {"Tariffs on wine fall."}}},
				{"", true, [][]string{{"Tariffs on steel fall."}, {"Tariffs on steel fall to zero."}}},
			},
		},
		"three parties": {
			accounts(
				[]string{"Ministers meet again in March."}, []string{"Something else entirely."},
				[]string{"The ministers will meet again in March."},
			),
			[]AccountRow{
				{"", false, [][]string{nil, {"Something else entirely."}, nil}},
				{
					"", true,
					[][]string{{"Ministers meet again in March."}, nil, {"The ministers will meet again in March."}},
				},
			},
		},
		"Chinese": {
			accounts(
				[]string{"中方暂停稀土出口管制一年。"},
				[]string{"稀土出口管制将暂停一年。"},
			),
			[]AccountRow{{"", true, [][]string{
				{"中方暂停稀土出口管制一年。"},
				{"稀土出口管制将暂停一年。"},
			}}},
		},
		"common words do not count": {
			accounts([]string{"It was to be for the two of them."}, []string{"They will be in on all of it."}),
			[]AccountRow{
				{"", false, [][]string{nil, {"They will be in on all of it."}}},
				{"", false, [][]string{{"It was to be for the two of them."}, nil}},
			},
		},
		"empty brackets": {
			accounts([]string{"[] Nothing.", "[only]"}),
			[]AccountRow{{"", false, [][]string{{"[] Nothing."}}}, {"", false, [][]string{{"[only]"}}}},
		},
		"no accounts": {nil, []AccountRow{}},
	} {
		if diff := cmp.Diff(row.want, AlignAccounts(row.accounts)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestAlignAccountsKeepsEveryPoint checks that every point is in exactly one row, under its party.
func TestAlignAccountsKeepsEveryPoint(t *testing.T) {
	t.Parallel()
	point := rapid.StringMatching(`(\[(x|y|z)\] )?(tariff|steel|wine|rare|earth)( (tariff|steel|wine|rare|earth)){0,4}`)
	rapid.Check(t, func(t *rapid.T) {
		list := accounts(rapid.SliceOfN(rapid.SliceOfN(point, 0, 8), 1, 4).Draw(t, "points")...)
		rows := AlignAccounts(list)
		if again := AlignAccounts(list); !cmp.Equal(rows, again) {
			t.Fatal("different results for the same accounts")
		}
		for i, account := range list {
			var want, got []string
			for _, p := range account.Points {
				_, text := splitTopic(p)
				want = append(want, text)
			}
			for _, row := range rows {
				got = append(got, row.Points[i]...)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Fatalf("account %d has %q, its rows %q", i, want, got)
			}
		}
	})
}

// TestAlignAccountsBoundsItsWork checks that accounts with too many words to compare keep every point in a row of its
// own. Without the limit it takes minutes.
func TestAlignAccountsBoundsItsWork(t *testing.T) {
	t.Parallel()
	var list [][]string
	for range 40 {
		var points []string
		for range 60 {
			points = append(points, "The controls on rare earths are suspended.")
		}
		list = append(list, points)
	}
	if rows := AlignAccounts(accounts(list...)); len(rows) != 40*60 || anyProposed(rows) {
		t.Errorf("%d rows", len(rows))
	}
	if rows := AlignAccounts(accounts(list[:4]...)); len(rows) != 60 || !anyProposed(rows) {
		t.Errorf("%d rows of what can be compared", len(rows))
	}
}

func TestSaidOnlyBy(t *testing.T) {
	t.Parallel()
	ed := editionIn("UTC", "en")
	setup := liveblog.Setup{Parties: []liveblog.Party{
		{ID: "a", Name: "United States"}, {ID: "b", Name: "China"}, {ID: "c", Name: "European Union"},
	}}
	list := accounts(nil, nil, nil)
	for want, said := range map[string][][]string{
		"":                                 {{"x"}, {"x"}, {"x"}},
		"Only the United States says this": {{"x"}, nil, nil},
		"Only China says this":             {nil, {"x"}, nil},
		"Not said by the European Union":   {{"x"}, {"x"}, nil},
	} {
		if got := saidOnlyBy(ed, AccountRow{Points: said}, &liveblog.Talks{Setup: setup}, list); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	const all = "the United States, China and the European Union"
	if got := partiesOf(ed, &liveblog.Talks{Setup: setup}, list); got != all {
		t.Errorf("%q, want %q", got, all)
	}
}
