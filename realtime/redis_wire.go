package realtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
)

// nodeMessage is a message between nodes. On the wire it is a line and, for a notice, a body:
//
//	3 NODE notice\n[{"cursor":…,"talks":…},{"cursor":…,"entry":…},{"cursor":…,"head":…}]
//	3 NODE refresh
//	3 NODE probe READERS SECONDS
//
// 3 is the version. NODE is random and new for each process. A refresh message carries no changes: receivers refresh
// from the store. They do the same for a message of another version or of an unknown kind, so nodes of two releases can
// work together. A probe tells how many readers the node has, and for how many seconds that count is valid.
type nodeMessage struct {
	node     string
	kind     string
	changes  []liveblog.Change // of a notice
	readers  int               // of a probe
	validFor time.Duration     // of a probe
}

// The kinds of messages.
const (
	kindNotice  = "notice"
	kindRefresh = "refresh"
	kindProbe   = "probe"
)

const (
	wireVersion = "3"
	maxMessage  = 512 << 10 // bytes; a larger notice is sent as a refresh
	maxValidity = 10 * time.Minute
	maxCount    = 1 << 30 // readers of one node
)

// The types of the body have the fields of the domain's types in the same order. The conversions between them do not
// compile if a field is missing here.
type (
	wireChange struct {
		Cursor liveblog.Cursor `json:"cursor"`
		Entry  *wireEntry      `json:"entry,omitempty"`
		Head   *wireHead       `json:"head,omitempty"`
		Talks  *wireTalks      `json:"talks,omitempty"`
	}
	// The talks' own JSON form leaves out the setup.
	wireTalks struct {
		liveblog.Talks
		Setup liveblog.Setup `json:"setup"`
	}
	wireHead struct {
		Blog      wireBlog    `json:"blog"`
		Summary   *wireEntry  `json:"summary,omitempty"`
		KeyEvents []wireEntry `json:"key_events,omitempty"`
	}
	wireBlog struct {
		Slug          string              `json:"slug"`
		Title         string              `json:"title"`
		Standfirst    string              `json:"standfirst,omitempty"`
		Status        liveblog.BlogStatus `json:"status"`
		TimeZone      string              `json:"time_zone"`
		Language      string              `json:"language"`
		Venue         string              `json:"venue,omitempty"`
		Address       string              `json:"address,omitempty"`
		Cursor        liveblog.Cursor     `json:"cursor"`
		CreatedAt     time.Time           `json:"created_at"`
		UpdatedAt     time.Time           `json:"updated_at"`
		ChangedAt     time.Time           `json:"changed_at,omitzero"`
		ChangedBefore time.Time           `json:"changed_before,omitzero"`
		StartedAt     time.Time           `json:"started_at,omitzero"`
		EndedAt       time.Time           `json:"ended_at,omitzero"`
		ArchivedAt    time.Time           `json:"archived_at,omitzero"`
	}
	wireEntry struct {
		Number      int                  `json:"number"`
		Revision    int                  `json:"revision"`
		Headline    string               `json:"headline,omitempty"`
		Body        string               `json:"body"`
		Author      string               `json:"author"`
		AuthorID    string               `json:"author_id"`
		EditedBy    string               `json:"edited_by,omitempty"`
		WrittenBy   string               `json:"written_by,omitempty"`
		KeyEvent    bool                 `json:"key_event,omitempty"`
		Pinned      bool                 `json:"pinned,omitempty"`
		Acts        liveblog.Acts        `json:"acts,omitempty"`
		Summary     bool                 `json:"summary,omitempty"`
		Correction  liveblog.Correction  `json:"correction,omitzero"`
		HappenedAt  time.Time            `json:"happened_at,omitzero"`
		Status      liveblog.EntryStatus `json:"status"`
		CreatedAt   time.Time            `json:"created_at"`
		PublishedAt time.Time            `json:"published_at"`
		UpdatedAt   time.Time            `json:"updated_at"`
		Seq         int64                `json:"seq"`
		PurgedAt    time.Time            `json:"purged_at,omitzero"`
	}
)

// encodeNotice returns the message for a notice: a refresh if the notice has no changes, or if they are too large or
// cannot be encoded.
func encodeNotice(node string, n liveblog.Notice) []byte {
	if len(n.Changes) == 0 {
		return encodeRefresh(node)
	}
	list := make([]wireChange, len(n.Changes))
	for i, c := range n.Changes {
		list[i] = toWire(c)
	}
	b := bytes.NewBufferString(wireVersion + " " + node + " " + kindNotice + "\n")
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(list); err != nil || b.Len() > maxMessage {
		return encodeRefresh(node)
	}
	return b.Bytes()
}

func encodeRefresh(node string) []byte { return []byte(wireVersion + " " + node + " " + kindRefresh) }

func encodeProbe(node string, readers int, validFor time.Duration) []byte {
	return fmt.Appendf(nil, "%s %s %s %d %d", wireVersion, node, kindProbe, readers, int(validFor/time.Second))
}

// parseNodeMessage parses a message. It ignores the body of a notice that the node itself has published, because the
// node has delivered that notice already.
func parseNodeMessage(self, payload string) (nodeMessage, error) {
	if len(payload) > maxMessage {
		return nodeMessage{}, fmt.Errorf("message of %d bytes", len(payload))
	}
	line, body, hasBody := strings.Cut(payload, "\n")
	words := strings.Split(line, " ")
	if words[0] != wireVersion || len(words) < 3 || words[1] == "" {
		return nodeMessage{}, errors.New("message of another version")
	}
	m := nodeMessage{node: words[1], kind: words[2]}
	var err error
	switch {
	case m.kind == kindRefresh && len(words) == 3 && !hasBody:
	case m.kind == kindProbe && len(words) == 5 && !hasBody:
		m.readers, m.validFor, err = parseProbe(words[3], words[4])
	case m.kind == kindNotice && len(words) == 3 && hasBody:
		if m.node != self {
			m.changes, err = parseChanges(body)
		}
	default:
		err = errors.New("message of an unknown kind")
	}
	return m, err
}

func parseProbe(readers, seconds string) (int, time.Duration, error) {
	n, err := strconv.ParseUint(readers, 10, 64)
	s, err2 := strconv.ParseUint(seconds, 10, 64)
	if err != nil || err2 != nil || n > maxCount || s > uint64(maxValidity/time.Second) {
		return 0, 0, errors.New("probe with invalid numbers")
	}
	return int(n), time.Duration(s) * time.Second, nil
}

func parseChanges(body string) ([]liveblog.Change, error) {
	var list []wireChange
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("notice without changes")
	}
	changes := make([]liveblog.Change, len(list))
	for i, w := range list {
		parts := 0
		for _, present := range []bool{w.Entry != nil, w.Head != nil, w.Talks != nil} {
			if present {
				parts++
			}
		}
		if parts != 1 {
			return nil, errors.New("change that is not exactly one of an entry, a head and the talks")
		}
		changes[i] = fromWire(w)
	}
	return changes, nil
}

func toWire(c liveblog.Change) wireChange {
	w := wireChange{Cursor: c.Cursor, Entry: (*wireEntry)(c.Entry)}
	if h := c.Head; h != nil {
		w.Head = &wireHead{Blog: wireBlog(h.Blog), Summary: (*wireEntry)(h.Summary)}
		for _, e := range h.KeyEvents {
			w.Head.KeyEvents = append(w.Head.KeyEvents, wireEntry(e))
		}
	}
	if c.Talks != nil {
		w.Talks = &wireTalks{Talks: *c.Talks, Setup: c.Talks.Setup}
	}
	return w
}

func fromWire(w wireChange) liveblog.Change {
	c := liveblog.Change{Cursor: w.Cursor, Entry: (*liveblog.Entry)(w.Entry)}
	if h := w.Head; h != nil {
		c.Head = &liveblog.Head{Blog: liveblog.Blog(h.Blog), Summary: (*liveblog.Entry)(h.Summary)}
		for _, e := range h.KeyEvents {
			c.Head.KeyEvents = append(c.Head.KeyEvents, liveblog.Entry(e))
		}
	}
	if w.Talks != nil {
		t := w.Talks.Talks
		t.Setup = w.Talks.Setup
		t.Index()
		c.Talks = &t
	}
	return c
}
