package node

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// API is the way to a node that other programs have.
type API struct {
	node  *Node
	token string
}

// NewAPI returns the API as an editor's program uses it.
func NewAPI(n *Node) *API { return &API{n, n.Token()} }

// APIEntry is what the API says about an entry, as far as tests ask.
type APIEntry struct {
	Number   int `json:"number"`
	Revision int `json:"revision"`
}

// Call makes a request, wants the status, and returns the entry in the answer, if there is one, and when the answer had come.
func (a *API) Call(method, path string, body map[string]any, status int) (e APIEntry, at time.Time) {
	t := a.node.t
	t.Helper()
	var b bytes.Buffer
	if body != nil {
		a.node.want(json.NewEncoder(&b).Encode(body))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, a.node.BaseURL+"/api/v1"+path, &b)
	a.node.want(err)
	req.Header.Set("Authorization", "Bearer "+a.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	a.node.want(err)
	defer res.Body.Close()
	at = time.Now()
	if res.StatusCode != status {
		t.Fatalf("%s %s answered %s, want %d", method, path, res.Status, status)
	}
	if status != http.StatusNoContent {
		a.node.want(json.NewDecoder(res.Body).Decode(&e))
	}
	return e, at
}
