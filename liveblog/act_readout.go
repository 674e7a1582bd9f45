package liveblog

import "slices"

// MeetingAccounts is a meeting and the parties' accounts of it.
type MeetingAccounts struct {
	Meeting
	Accounts []PartyAccount `json:"accounts"` // the newest account of each party, in the order of the setup
}

// PartyAccount is a party's account of a meeting.
type PartyAccount struct {
	Party  string   `json:"party"`
	Points []string `json:"points"`
	Source string   `json:"source,omitempty"`
	By     By       `json:"by"`
}

func readoutRule() actRule {
	return actRule{
		kind: ActReadout, required: []string{"meeting", "party", "points"}, optional: []string{"source"},
		check: func(*actCheck, Act, *Talks) {}, apply: (*Talks).account,
		usage: "/readout leaders by China\n- [rare earths] Controls are suspended for a year.\n- …",
		command: func(p *command) Act {
			meeting, party := p.pair([]string{" by "})
			return Act{
				Kind: ActReadout, Meeting: p.meeting(meeting), Party: p.party(party),
				Points: p.list(), Source: p.option("source"),
			}
		},
		spell: func(a Act, w *spelling) {
			w.head(a.Meeting, "by", a.Party)
			w.option("source", a.Source)
			w.list(a.Points)
		},
	}
}

func (t *Talks) startReadouts() {
	for _, m := range t.Setup.Meetings {
		t.Readouts = append(t.Readouts, MeetingAccounts{Meeting: m, Accounts: []PartyAccount{}})
	}
}

func (t *Talks) account(a Act, by By) {
	i, ok := t.index.meetings[a.Meeting]
	if !ok {
		return
	}
	m := &t.Readouts[i]
	next := PartyAccount{a.Party, a.Points, a.Source, by}
	if k, ok := t.index.accounts[accountKey{a.Meeting, a.Party}]; ok {
		m.Accounts[k] = next
		return
	}
	t.index.accounts[accountKey{a.Meeting, a.Party}] = len(m.Accounts)
	m.Accounts = append(m.Accounts, next)
}

func (t *Talks) orderAccounts() {
	for i := range t.Readouts {
		slices.SortFunc(t.Readouts[i].Accounts, func(a, b PartyAccount) int {
			return t.index.parties[a.Party] - t.index.parties[b.Party]
		})
	}
}
