package reader

import "testing"

func TestExtensions(t *testing.T) {
	t.Parallel()
	for offer, want := range map[string]string{ // deflate, none or malformed
		"":                   "none",
		",":                  "none",
		"permessage-deflate": "deflate",
		" permessage-deflate\t;  client_max_window_bits ":                          "deflate",
		"permessage-deflate; client_max_window_bits=8":                             "deflate",
		`permessage-deflate; client_max_window_bits="15"`:                          "deflate",
		"permessage-deflate; client_max_window_bits=16":                            "none",
		"permessage-deflate; client_max_window_bits=010":                           "none",
		"permessage-deflate; server_max_window_bits=10":                            "none",
		"permessage-deflate; server_max_window_bits=10, permessage-deflate":        "deflate",
		"permessage-deflate; server_no_context_takeover=1":                         "none",
		"permessage-deflate; client_max_window_bits; client_max_window_bits":       "none",
		"x-webkit-deflate-frame":                                                   "none",
		`x; a="permessage-deflate, \"; "`:                                          "malformed",
		`x; a="permessage-deflate"`:                                                "none",
		"permessage-bzip2, permessage-deflate; server_no_context_takeover":         "deflate",
		"permessage-deflate;server_no_context_takeover;client_no_context_takeover": "deflate",
		"permessage-deflate;":                                                      "malformed",
		"permessage deflate":                                                       "malformed",
		"x; a=":                                                                    "malformed",
		`x; a="b`:                                                                  "malformed",
		"x=1":                                                                      "malformed",
		"x; a=b c":                                                                 "malformed",
		";":                                                                        "malformed",
	} {
		got := "none"
		offers, ok := parseExtensions(offer)
		for _, o := range offers {
			if o.isDeflate() {
				got = "deflate"
			}
		}
		if !ok {
			got = "malformed"
		}
		if got != want {
			t.Errorf("%q is %s, want %s", offer, got, want)
		}
	}
}
