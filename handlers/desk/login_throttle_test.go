package desk

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// spend fails to log in until that is refused, at most n times, and returns how often it could.
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
			t.Errorf("%d guesses went through from many addresses", n)
		}
		if th.take("10.9.9.9", " ED@paper.example ") == 0 {
			t.Error("another spelling of the address has tries of its own")
		}
		wait := th.take("10.9.9.9", "ed@paper.example")
		time.Sleep(wait - time.Millisecond)
		if th.take("10.9.9.9", "ed@paper.example") == 0 {
			t.Error("a try came back before the wait was over")
		}
		time.Sleep(time.Millisecond)
		if wait := th.take("10.9.9.9", "ed@paper.example"); wait != 0 {
			t.Errorf("after the wait there is another of %s", wait)
		}
		time.Sleep(time.Hour)
		if n := spend(th, 100, each("10.1.0.%d"), fixed("ed@paper.example")); n != 8 {
			t.Errorf("%d guesses went through after an hour", n)
		}
	})
}

func TestThrottleByAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := newLoginThrottle(time.Now)
		if n := spend(th, 100, fixed("10.0.0.1"), each("%d@paper.example")); n != 20 {
			t.Errorf("%d guesses went through for many e-mail addresses", n)
		}
		if th.take("10.0.0.2", "new@paper.example") != 0 {
			t.Error("another address waits as well")
		}
	})
}

func TestThrottleTakesNothingForASuccess(t *testing.T) {
	t.Parallel()
	th := newLoginThrottle(time.Now)
	for range 200 {
		if th.take("10.0.0.1", "ed@paper.example") != 0 {
			t.Fatal("successes are throttled")
		}
		th.succeeded("10.0.0.1", "ed@paper.example")
	}
	if len(th.buckets) != 0 {
		t.Errorf("%d buckets stay that say nothing", len(th.buckets))
	}
}

func TestThrottleDoesNotKeepAnEditorOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := newLoginThrottle(time.Now)
		th.take("192.0.2.1", "ed@paper.example")
		th.succeeded("192.0.2.1", "ed@paper.example")
		spend(th, 100, each("10.0.0.%d"), fixed("ed@paper.example"))
		if th.take("192.0.2.1", "ed@paper.example") != 0 {
			t.Error("strangers used up the editor's tries")
		}
		if n := spend(th, 100, fixed("192.0.2.1"), fixed("ed@paper.example")); n != 7 {
			t.Errorf("%d more guesses went through at the known place", n)
		}
	})
}

func TestThrottleIsBoundedAndKeepsWhatIsUnderAttack(t *testing.T) {
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
			t.Errorf("%d buckets and %d known places", len(th.buckets), len(th.known))
		}
		if th.take("10.9.9.9", "ed@paper.example") == 0 {
			t.Error("a flood of other addresses gave the account under attack its tries back")
		}
	})
}
