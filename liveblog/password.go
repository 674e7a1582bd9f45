package liveblog

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	minPassword = 12  // characters
	maxPassword = 256 // bytes; hashing time grows with the length

	// GeneratedPasswordLifetime is how long a password lasts that somebody other than the user knows.
	GeneratedPasswordLifetime = 72 * time.Hour
)

// MustChangePassword reports whether the user has a generated password, which allows nothing but choosing another.
func (u User) MustChangePassword() bool { return !u.PasswordEnds.IsZero() }

// checkPassword adds an error for a new password that is too short or too easy to guess.
func (a *Accounts) checkPassword(v *FieldErrors, field, password, email string) {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword || len(password) > maxPassword:
		v.Addf(field, "The password needs %d characters or more, and %d bytes at most.", minPassword, maxPassword)
	case isMonotonous(password):
		v.Addf(field, "The password repeats a few characters, or follows the alphabet. Choose another one.")
	case !utf8.ValidString(password):
		v.Addf(field, "The password is not valid UTF-8 text.")
	case resembles(password, func(s string) bool { return a.isOwn(s, email) }):
		v.Addf(field, "The password is your address or the name of this site, with little added. Choose another one.")
	case resembles(password, a.opt.CommonPassword):
		v.Addf(field, "The password is one of the commonest, with little added. Choose another one.")
	}
}

// minDistinct is the fewest different characters of a password, of which spaces are one.
const minDistinct = 5

// isMonotonous reports whether a password has few different characters, or consists of runs of neighbors, such as
// "abcdef" and "987654".
func isMonotonous(password string) bool {
	distinct := map[rune]bool{}
	steps, last, neighbors := 0, rune(0), 0
	for i, r := range strings.ToLower(password) {
		if distinct[r] = true; i > 0 {
			steps++
			if d := r - last; d >= -1 && d <= 1 {
				neighbors++
			}
		}
		last = r
	}
	return len(distinct) < minDistinct || neighbors*4 >= steps*3
}

// isOwn reports whether a text in lower case is the user's address, a part of it, or the site's name.
func (a *Accounts) isOwn(s, email string) bool {
	email = strings.ToLower(email)
	local, host, _ := strings.Cut(email, "@")
	site := strings.ToLower(a.opt.SiteName)
	return s == email || s == local || s == host || s == site || s == strings.ReplaceAll(site, " ", "")
}

const (
	minCore      = 4  // the fewest characters that a password can be recognized by
	maxCore      = 64 // the most characters of a common password; an address is compared as a whole
	maxAdditions = 8  // the most characters around it that make no difference
)

// resembles reports whether a password is one of the known texts, in any case, also if it is repeated, or if a few
// characters other than letters surround it.
func resembles(password string, known func(string) bool) bool {
	text := []rune(strings.ToLower(strings.TrimSpace(password)))
	if known(string(text)) || known(period(text)) {
		return true
	}
	for i := 0; i <= maxAdditions && i < len(text); i++ {
		for j := len(text); len(text)-(j-i) <= maxAdditions && j-i >= minCore; j-- {
			if core := text[i:j]; len(core) <= maxCore && known(string(core)) || known(period(core)) {
				return true
			}
			if unicode.IsLetter(text[j-1]) {
				break
			}
		}
		if unicode.IsLetter(text[i]) {
			break
		}
	}
	return false
}

// period returns the shortest text that makes the given one when it is repeated.
func period(text []rune) string {
	for n := 1; n <= len(text)/2; n++ {
		if len(text)%n == 0 && isPeriod(text, n) {
			return string(text[:n])
		}
	}
	return string(text)
}

func isPeriod(text []rune, n int) bool {
	for i := n; i < len(text); i++ {
		if text[i] != text[i-n] {
			return false
		}
	}
	return true
}

func (a *Accounts) hashPassword(password string) (string, error) {
	hash, err := a.opt.HashPassword(password)
	if err != nil {
		return "", &Error{Code: Internal, Message: "The password could not be stored.", Err: err}
	}
	return hash, nil
}

func (a *Accounts) verifyPassword(password, hash string) bool {
	return len(password) <= maxPassword && a.opt.VerifyPassword(password, hash)
}

// ChangePassword replaces a user's own password and ends all their sessions but the present one. It fails with
// [Invalid] naming current or password.
func (a *Accounts) ChangePassword(ctx context.Context, u User, present Session, current, password string) error {
	if !a.verifyPassword(current, u.PasswordHash) {
		return FieldErrorf(Invalid, "current", "This is not your present password.")
	}
	var v FieldErrors
	if password == current {
		v.Addf("password", "This is your present password. Choose another one.")
	} else {
		a.checkPassword(&v, "password", password, u.Email)
	}
	if err := v.err(); err != nil {
		return err
	}
	hash, err := a.hashPassword(password)
	if err != nil {
		return err
	}
	return a.store.SetPassword(ctx, NewPassword{UserID: u.ID, Hash: hash, Was: u.PasswordHash, Keep: present.Hash},
		a.audit(u.Actor(), "user.password"))
}

// NewPassword replaces the password of a user and ends their sessions.
type NewPassword struct {
	UserID string
	Hash   string    // of the new password
	Was    string    // the hash that the user must have now; empty for any
	Ends   time.Time // when a generated password ends; zero for one that the user has chosen
	Keep   string    // the hash of the session that goes on; empty for none
}

// Rename changes the name of a user that bylines show from now on. It fails with [Invalid] naming name.
func (a *Accounts) Rename(ctx context.Context, u User, name string) error {
	var v FieldErrors
	if name = v.line("name", "name", name, maxName); name == "" && v.Count() == 0 {
		v.Addf("name", "Bylines show your name, so it cannot be empty.")
	}
	if err := v.err(); err != nil {
		return err
	}
	return a.store.RenameUser(ctx, u.ID, name, a.audit(u.Actor(), "user.name"))
}
