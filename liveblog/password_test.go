package liveblog

import (
	"strings"
	"testing"
)

// It fails if a password that resembles a common one, the address or the site's name is taken, or if one that only
// contains such a word is refused.
func TestPasswordsThatAreEasyToGuess(t *testing.T) {
	t.Parallel()
	common := map[string]bool{"password": true, "abc123": true, "123456": true, "dragon": true, "correcthorse": true,
		"пароль": true}
	a := &Accounts{opt: AccountsOptions{SiteName: "The Daily Readout",
		CommonPassword: func(s string) bool { return common[s] }}}
	for password, refused := range map[string]bool{
		"":                                true,
		"elevenchars":                     true,
		"            ":                    true,
		"aaaaaaaaaaaa":                    true,
		"abcabcabcabc":                    true,
		"zyxwvutsrqpo":                    true,
		"abcdef987654":                    true,
		"1234554321 1234":                 true,
		"a short poem of mine":            false,
		"twelve chars":                    false,
		"password2026":                    true,
		"PassWord!!2026":                  true,
		"!!password!!":                    true,
		"20password26":                    true,
		"passwordpassword":                true,
		"Password1Password1":              false,
		"dragon dragon dragon":            false,
		"dragondragondragon!":             true,
		"abc123!!!!!!":                    true,
		"abc123abc123":                    true,
		"123456123456":                    true,
		"123456789012":                    true,
		"correcthorse":                    true,
		"CorrectHorse1":                   true,
		"пароль!!!!!!":                    true,
		"ana.ruiz@paper.example":          true,
		"Ana.Ruiz@paper.example!":         true,
		"ana.ruiz2026":                    true,
		"paper.example":                   true,
		"the daily readout":               true,
		"TheDailyReadout1":                true,
		"password is what I never use":    false,
		"dragon84726384726384":            false,
		"correct horse battery staple":    false,
		"xpasswordx12":                    false,
		"wholly-unrelated-ana.ruiz":       false,
		strings.Repeat("long ", 51) + "x": false,
		strings.Repeat("long ", 52):       true,
		"\xffnot text at all":             true,
	} {
		var v FieldErrors
		a.checkPassword(&v, "password", password, "Ana.Ruiz@paper.example")
		if got := v.Count() > 0; got != refused {
			t.Errorf("%q: refused %t (%v), want %t", password, got, v.Fields, refused)
		}
	}
}

// It fails if checking a long password takes more than a bounded number of look-ups.
func TestCheckingAPasswordIsBounded(t *testing.T) {
	t.Parallel()
	for _, password := range []string{strings.Repeat("1", 256), strings.Repeat("1!", 128), strings.Repeat("é", 128)} {
		n := 0
		if resembles(password, func(string) bool { n++; return false }); n > 500 {
			t.Errorf("%.10q…: %d look-ups", password, n)
		}
	}
}

// FuzzResembles fails if any text makes the check of a password panic, or if the known text itself passes.
func FuzzResembles(f *testing.F) {
	for _, seed := range []string{"", "password", "1!1!1!1!", "\xff\xff", "ééééé", strings.Repeat("a", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, password string) {
		resembles(password, func(string) bool { return false })
		lower := strings.ToLower(strings.TrimSpace(password))
		if !resembles(password, func(s string) bool { return s == string([]rune(lower)) }) {
			t.Errorf("%q passes though it is known", password)
		}
	})
}
