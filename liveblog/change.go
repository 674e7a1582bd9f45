package liveblog

// Head is the content of a blog's page above the stream: the blog's own fields, its summary and its key events.
type Head struct {
	Blog      Blog
	Summary   *Entry  // the newest public summary; nil if there is none
	KeyEvents []Entry // public key events, newest first, at most [MaxKeyEvents]
}

// MaxKeyEvents is how many key events a head holds.
const MaxKeyEvents = 12

// Change is one step of a blog's log. Exactly one of Entry, Head and Talks is set.
type Change struct {
	Cursor Cursor // after this change
	Entry  *Entry // a new or changed entry, or a removal if its status is [Removed]
	Head   *Head
	Talks  *Talks
}

// Changes is what happened after a cursor.
type Changes struct {
	Cursor Cursor // after the last change; the blog's newest
	Blog   Blog   // in its newest state
	Talks  Talks  // the present talks; set only with Reload
	// List is in the order of seq. An entry, head or talks that changed several times is in it once, in the newest
	// state, so seqs may be missing.
	List []Change
	// Reload says that List is empty because the cursor is of another epoch, ahead of the log, or further behind than
	// the limit. The client must load the page again.
	Reload bool
}

// Effect says which parts of a blog that readers see change with a write.
type Effect struct {
	Entry bool // the entry itself, in the stream
	Head  bool
	Talks bool // the talks may change
}

// EffectOf returns the effect of replacing prev (nil for a new entry) by next. Each true field takes one seq: first the
// talks, so that nodes can render entries with the claims that they cite, then the entry, then the head.
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

// Notice is a broker's message that a blog has changed, usually with the changes themselves. A notice without changes
// tells the subscriber to read the store.
type Notice struct {
	Slug    string
	Changes []Change
}
