package liveblog

// talksIndex maps ids to indexes in the lists of [Talks].
type talksIndex struct {
	claims, documents, figures map[string]int
	positions                  map[positionKey]int

	// These are valid only during a fold, since its last step reorders the lists.
	tracks, sessions, meetings map[string]int
	parties                    map[string]int // in the setup
	accounts                   map[accountKey]int
	rests                      restForest
}

// positionKey identifies a position.
type positionKey struct{ party, track string }

// accountKey identifies a party's account of a meeting.
type accountKey struct{ meeting, party string }

// indexBy returns the index of the first item with each key.
func indexBy[T any, K comparable](items []T, key func(*T) K) map[K]int {
	m := make(map[K]int, len(items))
	for i := range items {
		k := key(&items[i])
		if _, ok := m[k]; !ok {
			m[k] = i
		}
	}
	return m
}

// Index builds an index, with which [Talks.Claim] and similar methods need not search whole lists. [Fold] returns talks
// with an index; talks that were decoded from JSON have none until Index is called. Index must be called before the
// talks are shared.
func (t *Talks) Index() {
	t.index = &talksIndex{
		claims:    indexBy(t.Claims, func(c *ClaimStanding) string { return c.Claim }),
		documents: indexBy(t.Texts, func(d *Document) string { return d.Document }),
		figures:   indexBy(t.Figures, func(f *FigureStanding) string { return f.Figure }),
		positions: indexBy(t.Positions, func(p *PositionHeld) positionKey { return positionKey{p.Party, p.Track} }),
	}
}

// lookUp returns the item with the key. It searches the whole list if index is nil.
func lookUp[T any, K comparable](items []T, index map[K]int, key func(*T) K, k K) (item T, ok bool) {
	if index != nil {
		if i, ok := index[k]; ok {
			return items[i], true
		}
		return item, false
	}
	for i := range items {
		if key(&items[i]) == k {
			return items[i], true
		}
	}
	return item, false
}

func (t *Talks) indexOrZero() talksIndex {
	if t.index == nil {
		return talksIndex{}
	}
	return *t.index
}

// Claim returns the claim with the id.
func (t *Talks) Claim(id string) (ClaimStanding, bool) {
	return lookUp(t.Claims, t.indexOrZero().claims, func(c *ClaimStanding) string { return c.Claim }, id)
}

// Document returns the document with the id.
func (t *Talks) Document(id string) (Document, bool) {
	return lookUp(t.Texts, t.indexOrZero().documents, func(d *Document) string { return d.Document }, id)
}

// Figure returns the figure with the id.
func (t *Talks) Figure(id string) (FigureStanding, bool) {
	return lookUp(t.Figures, t.indexOrZero().figures, func(f *FigureStanding) string { return f.Figure }, id)
}

// Position returns what the party last said on the track.
func (t *Talks) Position(party, track string) (PositionHeld, bool) {
	return lookUp(t.Positions, t.indexOrZero().positions,
		func(p *PositionHeld) positionKey { return positionKey{p.Party, p.Track} }, positionKey{party, track})
}
