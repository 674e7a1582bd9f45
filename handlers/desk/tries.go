package desk

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// newTry returns the try of a request to check the password of an address.
func (d *Handlers) newTry(c *fiber.Ctx, email string) liveblog.Try {
	return liveblog.Try{Network: web.Network(d.Client(c)), Email: email, Browser: c.Cookies(d.browserCookieName())}
}

// hashed runs check, which hashes passwords, within the limits for tries and for hashing. Wrong reports whether an
// error of check means that the password was wrong; otherwise the try is given back.
func (d *Handlers) hashed(
	ctx context.Context, c *fiber.Ctx, t liveblog.Try, check func() error, wrong func(error) bool,
) error {
	giveBack, wait := d.takeTry(ctx, t)
	if wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds))
		return liveblog.Errorf(liveblog.TooMany, "There were too many failed logins. Try again in %s.",
			web.InSeconds(seconds))
	}
	if err := d.acquireHashing(ctx); err != nil {
		giveBack(false)
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(hashingWait.Seconds())))
		return err
	}
	err := check()
	<-d.hashing
	if err == nil || !wrong(err) { // otherwise the password was right, or not checked
		giveBack(err == nil)
	}
	return err
}

// takeTry takes a try over all nodes, in the store. While the store cannot count tries, each node counts them by
// itself: a store that can be read and not written would otherwise let anybody guess without end.
func (d *Handlers) takeTry(ctx context.Context, t liveblog.Try) (giveBack func(succeeded bool), wait time.Duration) {
	taken, wait, err := d.Accounts.TakeTry(ctx, t)
	if err == nil {
		return func(bool) { d.giveBackTry(taken) }, wait
	}
	d.LogBudget.Note(slog.LevelWarn, "this node counts failed logins by itself, because the store could not",
		fmt.Sprint(err))
	return func(succeeded bool) {
		if succeeded {
			d.throttle.succeeded(t.Network, t.Email)
		} else {
			d.throttle.giveBack(t.Network, t.Email)
		}
	}, d.throttle.take(t.Network, t.Email)
}

// giveBackTry has a deadline of its own, since that of the request may have passed.
func (d *Handlers) giveBackTry(taken []liveblog.Tries) {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	if err := d.Accounts.GiveBackTry(ctx, taken); err != nil {
		d.LogBudget.Note(slog.LevelWarn, "a try to log in could not be given back", fmt.Sprint(err))
	}
}

// rememberBrowser sets the cookie by which this browser is known at the user's next login. A failure costs the user no
// more than the tries that strangers can use up.
func (d *Handlers) rememberBrowser(c *fiber.Ctx, u liveblog.User) {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	secret, err := d.Accounts.RememberBrowser(ctx, u, c.Cookies(d.browserCookieName()))
	if err != nil {
		d.Log.Warn("could not remember the browser of a login", "error", err)
		return
	}
	c.Cookie(&fiber.Cookie{Name: d.browserCookieName(), Value: secret, Path: "/",
		MaxAge: int(liveblog.BrowserMemory.Seconds()), Secure: d.overTLS(), HTTPOnly: true,
		SameSite: fiber.CookieSameSiteStrictMode})
}

func (d *Handlers) browserCookieName() string {
	if d.overTLS() {
		return "__Host-readout-browser"
	}
	return "readout_browser"
}
