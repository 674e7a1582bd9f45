package handlers

import (
	"bytes"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/valyala/fasthttp"
)

// checkHead reports what RFC 9112 forbids in the head of a request and the server's parser accepts. A proxy between
// the client and this server may read such a head differently, which makes request smuggling possible. The caller
// answers and closes the connection.
//
// It does not check the end of the request line, which the parser does not keep. RFC 9112, section 2.2, allows a bare
// LF there.
func checkHead(h *fasthttp.RequestHeader) error {
	version, ok := bytes.CutPrefix(h.Protocol(), []byte("HTTP/1."))
	if !ok {
		return liveblog.Errorf(web.VersionUnsupported, "This server only speaks HTTP/1.1.")
	}
	var hosts, lengths, codings int
	chunked := true
	for rest := h.RawHeaders(); len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		line, ok = bytes.CutSuffix(line, []byte{'\r'})
		if !ok {
			return malformedHead("Each line of a request's head must end in CR LF.")
		}
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			return malformedHead("A header must not be folded over several lines.")
		}
		name, value, found := bytes.Cut(line, []byte{':'})
		if !found || !web.IsToken(name) {
			return malformedHead("The name of a header is not valid.")
		}
		if bytes.ContainsFunc(value, isControl) {
			return malformedHead("The value of a header contains a control character.")
		}
		switch {
		case bytes.EqualFold(name, []byte("Host")):
			hosts++
			if bytes.ContainsFunc(bytes.TrimSpace(value), notInHost) {
				return malformedHead("The Host header is not a host and a port.")
			}
		case bytes.EqualFold(name, []byte("Content-Length")):
			lengths++
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			codings++
			chunked = bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked"))
		}
	}
	switch {
	case hosts > 1 || hosts == 0 && string(version) != "0":
		return malformedHead("A request must have one Host header.")
	case lengths > 1 || codings > 1 || lengths > 0 && codings > 0:
		return malformedHead("A request must state the length of its body only once.")
	case !chunked:
		return errCoding()
	}
	return nil
}

func errCoding() error {
	return liveblog.Errorf(web.CodingUnknown, "The only transfer coding that this server accepts is chunked.")
}

func malformedHead(message string) error { return liveblog.Errorf(liveblog.Malformed, "%s", message) }

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// notInHost reports whether a character cannot appear in a host and port (RFC 3986, section 3.2).
func notInHost(r rune) bool {
	return !web.IsAlphanumeric(r) && !bytes.ContainsRune([]byte("-._~!$&'()*+,;=%:[]"), r)
}
