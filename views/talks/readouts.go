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

// ReadoutPage is the data of the page that compares the parties' accounts of one meeting.
type ReadoutPage struct {
	Page
	Meeting liveblog.MeetingAccounts
}

// AccountRow is what the parties say on one point of a meeting.
type AccountRow struct {
	Topic    string     // as named by an editor; empty if none did
	Proposed bool       // points were joined because their words are similar, not by an editor
	Points   [][]string // by account, in the order of the accounts; nil for a party that says nothing on this point
}

// minSimilarity is the similarity from which on two points count as being about the same thing. Two accounts of one
// matter share about a third of their words, accounts of different matters a tenth.
const minSimilarity = 0.2

// AlignAccounts puts the points of several accounts of one meeting into rows. Points with the same "[topic]" share a
// row, because an editor has said so. Other points are joined if their words are similar: the most similar pair of
// points of different parties first, as long as no party gets a second point into the row and the similarity is at
// least [minSimilarity]. Rows of different topics are never joined. The rows are in the order of the first account; a
// point that only later accounts have comes after the point that it follows there. The result depends only on the
// accounts.
func AlignAccounts(accounts []liveblog.PartyAccount) []AccountRow {
	a := newAlignment(accounts)
	a.join()
	return a.rows()
}

// alignedRow is a row while rows are being joined.
type alignedRow struct {
	topic    string
	proposed bool
	points   [][]string            // by account
	accounts []int                 // the indices of the accounts that have points in this row
	words    []map[string]struct{} // by account: those of its points before any row was joined to this one
	joinedTo *alignedRow           // the row that this one was joined to; nil for none
}

type alignment struct {
	list    []*alignedRow
	byPoint [][]*alignedRow // by account and by point, the row that the point is in
}

func newAlignment(accounts []liveblog.PartyAccount) *alignment {
	a := &alignment{byPoint: make([][]*alignedRow, len(accounts))}
	byTopic := map[string]*alignedRow{}
	for i, account := range accounts {
		for _, point := range account.Points {
			topic, text := splitTopic(point)
			key := strings.ToLower(topic)
			row, ok := byTopic[key]
			if !ok || topic == "" {
				row = &alignedRow{
					topic:  topic,
					points: make([][]string, len(accounts)),
					words:  make([]map[string]struct{}, len(accounts)),
				}
				a.list = append(a.list, row)
				if topic != "" {
					byTopic[key] = row
				}
			}
			if row.points[i] == nil {
				row.accounts = append(row.accounts, i)
			}
			row.points[i] = append(row.points[i], text)
			row.words[i] = wordsOf(topic + " " + strings.Join(row.points[i], " "))
			a.byPoint[i] = append(a.byPoint[i], row)
		}
	}
	return a
}

// splitTopic splits "[topic] text". A point in any other form has no topic.
func splitTopic(point string) (topic, text string) {
	rest, bracket := strings.CutPrefix(point, "[")
	topic, text, closed := strings.Cut(rest, "]")
	topic, text = strings.Join(strings.Fields(topic), " "), strings.TrimSpace(text)
	if !bracket || !closed || topic == "" || text == "" {
		return "", point
	}
	return topic, text
}

// maxAlignWork limits the search for similar points by the number of words looked up; it takes some 30 ms. It is enough
// for two accounts with 60 points of 150 words each, or for ten accounts with 60 short points. Beyond it no points are
// joined by similarity.
const maxAlignWork = 1_000_000

// similarPair is two rows and their similarity.
type similarPair struct {
	similarity float64
	a, b       int // indices in the list; a < b
}

// join joins rows by similarity, the most similar first. It compares each pair once. That is enough: two rows that
// may not be joined cannot be joined later either, and a joined row is as similar to another as the most similar of
// its parts.
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
	var pairs []similarPair
	for i, x := range rows {
		for k := i + 1; k < len(rows); k++ {
			if s := x.similarity(rows[k]); s >= minSimilarity {
				pairs = append(pairs, similarPair{s, i, k})
			}
		}
	}
	slices.SortStableFunc(pairs, func(x, y similarPair) int { return cmp.Compare(y.similarity, x.similarity) })
	parent := make([]int, len(rows)) // the row that each was joined to; itself for none
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	for _, p := range pairs {
		i, k := root(p.a), root(p.b)
		if i > k {
			i, k = k, i
		}
		x, y := rows[i], rows[k]
		if i == k || !x.joinable(y) {
			continue
		}
		x.topic, x.proposed = cmp.Or(x.topic, y.topic), true
		for _, n := range y.accounts {
			x.points[n] = y.points[n]
		}
		x.accounts = append(x.accounts, y.accounts...)
		parent[k] = i
	}
	for i, row := range rows {
		if to := rows[root(i)]; to != row {
			row.joinedTo = to
		}
	}
	for _, points := range a.byPoint {
		for i := range points {
			if to := points[i].joinedTo; to != nil {
				points[i] = to
			}
		}
	}
}

// joinable reports whether two rows may be joined: they are not of different topics, and no party has a point in both.
func (x *alignedRow) joinable(y *alignedRow) bool {
	if x.topic != "" && y.topic != "" {
		return false
	}
	return !slices.ContainsFunc(y.accounts, func(i int) bool { return x.points[i] != nil })
}

// similarity is that of the most similar points of different parties; 0 if the rows may not be joined.
func (x *alignedRow) similarity(y *alignedRow) (best float64) {
	if !x.joinable(y) {
		return 0
	}
	for _, i := range x.accounts {
		for _, k := range y.accounts {
			best = max(best, jaccard(x.words[i], y.words[k]))
		}
	}
	return best
}

// jaccard is the Jaccard index of two sets of words: the share of all their words that both have.
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

// commonWords are words that say nothing about the subject of a text.
const commonWords = " a all also an and are as at be been both by for from had has have in into is it its may not of " +
	"on or sides than that the their they this to two was were which will with would "

// stemRunes is how many characters of a word are compared, so that "controls" equals "control" and "agreed" "agree".
const stemRunes = 5

// wordsOf returns the set of the stems of a text's words, in lower case and without common words. In scripts that are
// written without spaces each character is a word.
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

// isWord tells words from the spaces and punctuation between them.
func isWord(piece string) bool {
	return strings.IndexFunc(piece, func(r rune) bool { return unicode.In(r, unicode.Letter, unicode.Digit) }) >= 0
}

// rows returns the rows in reading order; see AlignAccounts.
func (a *alignment) rows() []AccountRow {
	var order []*alignedRow
	for _, points := range a.byPoint {
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

// anyProposed reports whether any points were joined because their words are similar.
func anyProposed(rows []AccountRow) bool {
	return slices.ContainsFunc(rows, func(r AccountRow) bool { return r.Proposed })
}

// saidOnlyBy says which party alone says something, or which parties do not; "" if all parties with an account do.
func saidOnlyBy(ed views.Edition, r AccountRow, t *liveblog.Talks, accounts []liveblog.PartyAccount) string {
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

// inSentence returns a party's name with the article that English requires within a sentence: "the United States", but
// "China".
func inSentence(ed views.Edition, name string) string {
	if ed.Words != words.English() {
		return name
	}
	last := name[strings.LastIndexByte(name, ' ')+1:]
	if strings.HasPrefix(name, "United ") {
		return "the " + name
	}
	switch last {
	case "States", "Nations", "Kingdom", "Union", "Republic", "Netherlands", "Philippines":
		return "the " + name
	}
	return name
}

// partiesOf names the parties that have given an account.
func partiesOf(ed views.Edition, t *liveblog.Talks, accounts []liveblog.PartyAccount) string {
	var names []string
	for _, a := range accounts {
		names = append(names, inSentence(ed, partyName(t, a.Party)))
	}
	return ed.JoinWith("list-and", names)
}
