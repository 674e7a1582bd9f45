package liveblog

// Head is what stands above the stream of a blog's page: the blog's own fields and what is gathered from entries.
type Head struct {
	Blog      Blog
	Summary   *Entry  // the newest public summary, nil where there is none
	KeyEvents []Entry // public key events, newest first, at most [MaxKeyEvents]
}

// MaxKeyEvents is how many key events a head holds.
const MaxKeyEvents = 12

// Change is one step of a blog's log. Exactly one of Entry, Head and Talks is set.
type Change struct {
	Cursor Cursor // the place after this change
	Entry  *Entry // put, or a removal where its status is [Removed]
	Head   *Head
	Talks  *Talks
}

// Changes is what happened after a cursor.
type Changes struct {
	Cursor Cursor // the place after the last of them; the blog's newest
	Blog   Blog   // in its newest state
	Talks  Talks  // of a Reload: where they stand
	// List is in the order of seq. A thing that changed several times stands once, in its newest state, so seqs
	// may be missing; nothing else is.
	List []Change
	// Reload says that List is empty because the cursor is of another epoch, ahead of the log, or further behind
	// than the limit asked for: start again from the page.
	Reload bool
}

// Effect says what a write does to what readers see.
type Effect struct {
	Entry bool // the entry's own place in the stream changes
	Head  bool // the head changes with it
	Talks bool // where the talks stand may change with it
}

// EffectOf tells the effect of replacing prev (nil for a new entry) by next. Each true field takes one seq: the talks'
// first, so that entries are rendered with what they cite, then the entry's, then the head's.
func EffectOf(prev *Entry, next Entry) Effect {
	inHead := func(e Entry) bool { return e.Public() && (e.KeyEvent || e.Summary) }
	acts := func(e Entry) Acts {
		if !e.Public() {
			return ""
		}
		return e.Acts
	}
	var was, had bool
	var said Acts
	if prev != nil {
		was, had, said = prev.Public(), inHead(*prev), acts(*prev)
	}
	return Effect{Entry: was || next.Public(), Head: had || inHead(next), Talks: said != acts(next)}
}

// Notice is what a broker carries: that a blog has changed, and usually the changes themselves.
// A notice without changes says "look at the store".
type Notice struct {
	Slug    string
	Changes []Change
}
