package views

// Site is what every page needs to know about the publication.
type Site struct {
	Name    string // of the publication, e.g. "Readout"
	BaseURL string // the scheme and host that readers use, without a slash at the end
}
