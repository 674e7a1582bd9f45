package views

// Window says what belongs into a page; see the package comment.
type Window string

const (
	Newest Window = "newest"
	Older  Window = "older"
	Single Window = "entry"

	TalksWindow Window = "talks"
)
