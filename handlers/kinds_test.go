package handlers

import (
	"net/http"
	"readout/liveblog"
	"testing"
)

func TestEveryCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	for _, code := range []liveblog.Code{liveblog.Malformed, liveblog.Invalid, liveblog.Unauthorized, liveblog.Forbidden,
		liveblog.NotFound, liveblog.Gone, liveblog.Conflict, liveblog.Stale, liveblog.KeyReused, liveblog.TooLarge,
		liveblog.TooMany, liveblog.Unavailable, liveblog.Internal} {
		if got := kindOf(code); got.code != code || http.StatusText(got.status) == "" {
			t.Errorf("the table has %+v for %s", got, code)
		}
	}
}
