package talks

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"readout/liveblog"
	"readout/views"
	"readout/views/diff"
	"readout/views/words"
)

// ReadoutPage is what the parties say of one meeting, side by side.
type ReadoutPage struct {
	Page
	Meeting liveblog.MeetingAccounts
}

// AccountRow is what the parties say on one point of a meeting.
type AccountRow struct {
	Topic    string     // as an editor named it; empty where none did
	Proposed bool       // points were put together by likeness of their words, not by an editor
	Points   [][]string // of each account, in order; none where a party says nothing on it
}

// likeEnough is from where on two points are taken to speak of the same thing. Two accounts of one matter share a
// third of their words or so, two of different matters a tenth.
const likeEnough = 0.2

// AlignAccounts puts the points of several accounts of one meeting into rows. Points under the same "[topic]" belong
// together: that is an editor's word. The others are joined by likeness: of all pairs of points of different parties
// the likest first, as long as no party gets a second point into the row and the likeness is [likeEnough]. Rows of
// different topics are never joined. Rows keep the order of the first account; what only later ones say follows the
// point that it follows there. The result depends only on the accounts.
func AlignAccounts(accounts []liveblog.PartyAccount) []AccountRow {
	a := newAlignment(accounts)
	a.join()
	return a.rows()
}

// aligned is one row while rows are joined.
type aligned struct {
	topic    string
	proposed bool
	points   [][]string            // by account
	by       []int                 // the accounts that have points in it
	words    []map[string]struct{} // by account, of the points that it began with
	joined   *aligned              // the row that this one became a part of; nil for none
}

type alignment struct {
	list []*aligned
	of   [][]*aligned // by account, for each of its points in order
}

func newAlignment(accounts []liveblog.PartyAccount) *alignment {
	a := &alignment{of: make([][]*aligned, len(accounts))}
	byTopic := map[string]*aligned{}
	for i, account := range accounts {
		for _, point := range account.Points {
			topic, text := splitTopic(point)
			key := strings.ToLower(topic)
			row, ok := byTopic[key]
			if !ok || topic == "" {
				row = &aligned{topic: topic, points: make([][]string, len(accounts)), words: make([]map[string]struct{}, len(accounts))}
				a.list = append(a.list, row)
				if topic != "" {
					byTopic[key] = row
				}
			}
			if row.points[i] == nil {
				row.by = append(row.by, i)
			}
			row.points[i] = append(row.points[i], text)
			row.words[i] = wordsOf(topic + " " + strings.Join(row.points[i], " "))
			a.of[i] = append(a.of[i], row)
		}
	}
	return a
}

// splitTopic takes "[topic] text" apart.
func splitTopic(point string) (topic, text string) {
	if rest, ok := strings.CutPrefix(point, "["); ok {
		if topic, text, ok := strings.Cut(rest, "]"); ok && strings.TrimSpace(topic) != "" && strings.TrimSpace(text) != "" {
			return strings.Join(strings.Fields(topic), " "), strings.TrimSpace(text)
		}
	}
	return "", point
}

// maxAlignWork bounds what the search for points that are alike may take, in words that are looked up: some 30 ms. It
// is enough for two accounts of 60 points of 150 words each, or ten of 60 short ones. Where it is not, no points are
// joined by likeness.
const maxAlignWork = 1_000_000

// likePair is two rows and how alike they are.
type likePair struct {
	likeness float64
	a, b     int // places in the list; a < b
}

// join merges rows, the likest first, until no two are like enough. Each pair is compared once: rows that must stay
// apart must do so for good, and a merged row is as like to another as the likest of its parts.
func (a *alignment) join() {
	rows := a.list
	size := make([]int, len(rows))
	work := 0
	for i, row := range rows {
		for _, w := range row.words {
			size[i] += len(w)
		}
		work += (size[i] + 5) * (len(rows) - i - 1)
	}
	if work > maxAlignWork {
		return
	}
	var pairs []likePair
	for i, x := range rows {
		for k := i + 1; k < len(rows); k++ {
			if l := x.likeness(rows[k]); l >= likeEnough {
				pairs = append(pairs, likePair{l, i, k})
			}
		}
	}
	slices.SortStableFunc(pairs, func(x, y likePair) int { return cmp.Compare(y.likeness, x.likeness) })
	into := make([]int, len(rows)) // the row that each is in now
	for i := range into {
		into[i] = i
	}
	now := func(i int) int {
		for into[i] != i {
			i = into[i]
		}
		return i
	}
	for _, p := range pairs {
		i, k := now(p.a), now(p.b)
		if i > k {
			i, k = k, i
		}
		x, y := rows[i], rows[k]
		if i == k || x.apart(y) {
			continue
		}
		x.topic, x.proposed = cmp.Or(x.topic, y.topic), true
		for _, n := range y.by {
			x.points[n] = y.points[n]
		}
		x.by = append(x.by, y.by...)
		into[k] = i
	}
	for i, row := range rows {
		if to := rows[now(i)]; to != row {
			row.joined = to
		}
	}
	for _, points := range a.of {
		for i := range points {
			if to := points[i].joined; to != nil {
				points[i] = to
			}
		}
	}
}

// apart reports whether two rows must not be joined: they are of different topics, or a party has a point in both.
func (x *aligned) apart(y *aligned) bool {
	if x.topic != "" && y.topic != "" {
		return true
	}
	return slices.ContainsFunc(y.by, func(i int) bool { return x.points[i] != nil })
}

// likeness is that of the likest points of different parties; 0 where the rows must stay apart.
func (x *aligned) likeness(y *aligned) (best float64) {
	if x.apart(y) {
		return 0
	}
	for _, i := range x.by {
		for _, k := range y.by {
			best = max(best, jaccard(x.words[i], y.words[k]))
		}
	}
	return best
}

// jaccard is the share of the words of two texts that both have.
func jaccard(a, b map[string]struct{}) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	both := 0
	for w := range a {
		if _, ok := b[w]; ok {
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// commonWords say nothing of what a text is about.
const commonWords = " a all also an and are as at be been both by for from had has have in into is it its may not of on or " +
	"sides than that the their they this to two was were which will with would "

// stemRunes is how much of a word counts, so that "controls" is like "control" and "agreed" like "agree".
const stemRunes = 5

// wordsOf is the set of words of a text, shortened, in lower case, without common ones. Of scripts that are written
// without spaces each character is a word.
func wordsOf(text string) map[string]struct{} {
	set := map[string]struct{}{}
	for text = strings.ToLower(text); text != ""; {
		n := diff.WordLength(text)
		word := text[:n]
		text = text[n:]
		if isWord(word) && !strings.Contains(commonWords, " "+word+" ") {
			runes := []rune(word)
			set[string(runes[:min(len(runes), stemRunes)])] = struct{}{}
		}
	}
	return set
}

// isWord tells words from the spaces and signs between them.
func isWord(piece string) bool {
	return strings.IndexFunc(piece, func(r rune) bool { return unicode.In(r, unicode.Letter, unicode.Digit) }) >= 0
}

// rows puts the rows in the order in which they are read.
func (a *alignment) rows() []AccountRow {
	var order []*aligned
	for _, points := range a.of {
		at := 0
		for _, row := range points {
			if i := slices.Index(order, row); i >= 0 {
				at = i + 1
				continue
			}
			order = slices.Insert(order, at, row)
			at++
		}
	}
	rows := make([]AccountRow, len(order))
	for i, row := range order {
		rows[i] = AccountRow{row.topic, row.proposed, row.points}
	}
	return rows
}

// anyProposed reports whether likeness of words has joined anything.
func anyProposed(rows []AccountRow) bool {
	return slices.ContainsFunc(rows, func(r AccountRow) bool { return r.Proposed })
}

// only says in words who says something, where not every party that has given an account does.
func only(ed views.Edition, r AccountRow, t *liveblog.Talks, accounts []liveblog.PartyAccount) string {
	var say, silent []string
	for i, account := range accounts {
		if r.Points[i] != nil {
			say = append(say, inSentence(ed, partyName(t, account.Party)))
		} else {
			silent = append(silent, inSentence(ed, partyName(t, account.Party)))
		}
	}
	switch {
	case len(silent) == 0:
		return ""
	case len(say) == 1:
		return ed.Say("only-says", "party", say[0])
	}
	return ed.Say("not-said-by", "parties", ed.JoinWith("list-or", silent))
}

// inSentence gives a party's name the article that English wants within a sentence: "the United States", "China".
func inSentence(ed views.Edition, name string) string {
	if ed.Words != words.English() {
		return name
	}
	last := name[strings.LastIndexByte(name, ' ')+1:]
	if strings.HasPrefix(name, "United ") || strings.Contains(" States Nations Kingdom Union Republic Netherlands Philippines ", " "+last+" ") {
		return "the " + name
	}
	return name
}

// partiesOf names who has given an account.
func partiesOf(ed views.Edition, t *liveblog.Talks, accounts []liveblog.PartyAccount) string {
	var names []string
	for _, a := range accounts {
		names = append(names, inSentence(ed, partyName(t, a.Party)))
	}
	return ed.JoinWith("list-and", names)
}
