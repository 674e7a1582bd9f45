package node

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// API is a client of a node's API, with a token of an editor.
type API struct {
	node  *Node
	token string
}

// NewAPI returns a client of a node's API.
func NewAPI(n *Node) *API { return &API{n, n.Token()} }

// APIEntry has the fields of an entry in the API that tests need.
type APIEntry struct {
	Number   int `json:"number"`
	Revision int `json:"revision"`
}

// Call makes a request, fails the test unless the answer has the status, and returns the entry in the answer, if any,
// and the time at which the answer came.
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
