package views

// window says what belongs into a page; see the package comment.
type window string

const (
	newest window = "newest"
	older  window = "older"
	single window = "entry"

	talksWindow window = "talks"
)
