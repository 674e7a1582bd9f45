package web

import (
	"net/http"
	"testing"

	"readout/liveblog"
)

func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	for _, code := range []liveblog.Code{liveblog.Malformed, liveblog.Invalid, liveblog.Unauthorized,
		liveblog.Forbidden,
		liveblog.NotFound, liveblog.Gone, liveblog.Conflict, liveblog.Stale, liveblog.KeyReused, liveblog.TooLarge,
		liveblog.TooMany, liveblog.Unavailable, liveblog.Internal} {
		if got := kindOf(code); got.Code != code || http.StatusText(got.Status) == "" {
			t.Errorf("the table has %+v for %s", got, code)
		}
	}
}
