package views

// Site is what every page knows about where it stands.
type Site struct {
	Name    string // of the publication, e.g. "Readout"
	BaseURL string // scheme and host that readers use, without a slash at the end
}
