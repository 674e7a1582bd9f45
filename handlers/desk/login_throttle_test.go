package desk

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// spend takes tries until one is refused, at most n, and returns how many it got.
func spend(t *loginThrottle, n int, address, email func(int) string) int {
	for i := range n {
		if t.take(address(i), email(i)) > 0 {
			return i
		}
	}
	return n
}

func fixed(s string) func(int) string { return func(int) string { return s } }

func each(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i) }
}

func TestThrottleByEmail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := newLoginThrottle(time.Now)
		if n := spend(th, 100, each("10.0.0.%d"), fixed("ed@paper.example")); n != 8 {
			t.Errorf("%d tries for one e-mail address from many networks, want 8", n)
		}
		if th.take("10.9.9.9", " ED@paper.example ") == 0 {
			t.Error("another spelling of the e-mail address has its own tries")
		}
		wait := th.take("10.9.9.9", "ed@paper.example")
		time.Sleep(wait - time.Millisecond)
		if th.take("10.9.9.9", "ed@paper.example") == 0 {
			t.Error("a try came back before the stated wait was over")
		}
		time.Sleep(time.Millisecond)
		if wait := th.take("10.9.9.9", "ed@paper.example"); wait != 0 {
			t.Errorf("after the stated wait there is another one of %s", wait)
		}
		time.Sleep(time.Hour)
		if n := spend(th, 100, each("10.1.0.%d"), fixed("ed@paper.example")); n != 8 {
			t.Errorf("%d tries after an hour, want 8", n)
		}
	})
}

func TestThrottleByAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := newLoginThrottle(time.Now)
		if n := spend(th, 100, fixed("10.0.0.1"), each("%d@paper.example")); n != 20 {
			t.Errorf("%d tries from one network for many e-mail addresses, want 20", n)
		}
		if th.take("10.0.0.2", "new@paper.example") != 0 {
			t.Error("another network has to wait as well")
		}
	})
}

func TestThrottleIgnoresSuccesses(t *testing.T) {
	t.Parallel()
	th := newLoginThrottle(time.Now)
	for range 200 {
		if th.take("10.0.0.1", "ed@paper.example") != 0 {
			t.Fatal("successful logins are throttled")
		}
		th.succeeded("10.0.0.1", "ed@paper.example")
	}
	if len(th.buckets) != 0 {
		t.Errorf("%d full buckets are stored", len(th.buckets))
	}
}

func TestThrottleDoesNotLockOutEditors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := newLoginThrottle(time.Now)
		th.take("192.0.2.1", "ed@paper.example")
		th.succeeded("192.0.2.1", "ed@paper.example")
		spend(th, 100, each("10.0.0.%d"), fixed("ed@paper.example"))
		if th.take("192.0.2.1", "ed@paper.example") != 0 {
			t.Error("failed logins from other networks used up the editor's tries")
		}
		if n := spend(th, 100, fixed("192.0.2.1"), fixed("ed@paper.example")); n != 7 {
			t.Errorf("%d more tries from the known network, want 7", n)
		}
	})
}

func TestThrottleIsBoundedAndKeepsAttackedAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := newLoginThrottle(time.Now)
		spend(th, 100, each("10.0.0.%d"), fixed("ed@paper.example"))
		for i := range 2 * maxBuckets {
			address := fmt.Sprintf("172.16.%d.%d", i>>8, i&255)
			th.take(address, fmt.Sprintf("%d@paper.example", i))
			if i < 2*maxKnown {
				th.succeeded(address, fmt.Sprintf("%d@paper.example", i))
				th.take(address, fmt.Sprintf("%d@paper.example", i))
			}
		}
		if len(th.buckets) > maxBuckets || len(th.known) > maxKnown {
			t.Errorf("%d buckets and %d known networks", len(th.buckets), len(th.known))
		}
		if th.take("10.9.9.9", "ed@paper.example") == 0 {
			t.Error("many other logins evicted the bucket of the attacked account")
		}
	})
}
