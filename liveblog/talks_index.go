package liveblog

// talksIndex is where the items of the lists are, by their ids.
type talksIndex struct {
	claims, documents, figures map[string]int
	positions                  map[held]int

	// While the acts are folded only: the last step of a fold reorders these lists.
	tracks, sessions, meetings map[string]int
	parties                    map[string]int // of the setup
	accounts                   map[account]int
	rests                      restForest
}

// held is what names a position.
type held struct{ party, track string }

// account is what names a party's account of a meeting.
type account struct{ meeting, party string }

func placesOf[T any, K comparable](items []T, key func(*T) K) map[K]int {
	m := make(map[K]int, len(items))
	for i := range items {
		k := key(&items[i])
		if _, ok := m[k]; !ok {
			m[k] = i
		}
	}
	return m
}

// Index lets [Talks.Claim] and the like find an item without a look at all of the list. [Fold] has done so for what it
// returns; talks that were decoded have no index until this is called. It must be called before the talks are shared.
func (t *Talks) Index() {
	t.index = &talksIndex{
		claims:    placesOf(t.Claims, func(c *ClaimStanding) string { return c.Claim }),
		documents: placesOf(t.Texts, func(d *Document) string { return d.Document }),
		figures:   placesOf(t.Figures, func(f *FigureStanding) string { return f.Figure }),
		positions: placesOf(t.Positions, func(p *PositionHeld) held { return held{p.Party, p.Track} }),
	}
}

// lookUp returns the item of a list with the key, by the index where there is one.
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

func (t *Talks) places() talksIndex {
	if t.index == nil {
		return talksIndex{}
	}
	return *t.index
}

// Claim returns the claim with the id.
func (t *Talks) Claim(id string) (ClaimStanding, bool) {
	return lookUp(t.Claims, t.places().claims, func(c *ClaimStanding) string { return c.Claim }, id)
}

// Document returns the document with the id.
func (t *Talks) Document(id string) (Document, bool) {
	return lookUp(t.Texts, t.places().documents, func(d *Document) string { return d.Document }, id)
}

// Figure returns the figure with the id.
func (t *Talks) Figure(id string) (FigureStanding, bool) {
	return lookUp(t.Figures, t.places().figures, func(f *FigureStanding) string { return f.Figure }, id)
}

// Position returns what the party last said on the track.
func (t *Talks) Position(party, track string) (PositionHeld, bool) {
	return lookUp(t.Positions, t.places().positions, func(p *PositionHeld) held { return held{p.Party, p.Track} }, held{party, track})
}
