package views

// Window says which entries belong in a page; see data-window in the package comment.
type Window string

const (
	Newest Window = "newest"
	Older  Window = "older"
	Single Window = "entry"

	TalksWindow Window = "talks"
)
