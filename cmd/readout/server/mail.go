package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"

	gomail "github.com/wneessen/go-mail"
)

// mailer sends mails through one server.
type mailer struct {
	host    string
	options []gomail.Option
	from    string
}

// newMailer returns the mailer for the settings, or nil if no server is set. Its errors name the setting and never show
// the URL, which may have a password.
func newMailer(address, from string) (*mailer, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return nil, errors.New("the setting smtp must be smtp:// or smtps://, with a host, such as " +
			"smtps://user:password@mail.example")
	}
	if _, err := mail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("the setting mail-from, %q, must be an e-mail address", from)
	}
	m := &mailer{host: u.Hostname(), from: from}
	port := 587
	switch {
	case u.Scheme == "smtps":
		port = 465
		m.options = append(m.options, gomail.WithSSL())
	case isLoopback(m.host): // a relay on this machine has no certificate for its name
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errors.New("the setting smtp has a port that is not a number")
		}
	}
	m.options = append(m.options, gomail.WithPort(port))
	if password, ok := u.User.Password(); ok {
		m.options = append(m.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return m, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// send sends a plain text to one address.
func (m *mailer) send(ctx context.Context, to, subject, text string) error {
	msg := gomail.NewMsg()
	if err := errors.Join(msg.From(m.from), msg.To(to)); err != nil {
		return err
	}
	msg.Subject(subject)
	msg.SetBodyString(gomail.TypeTextPlain, text)
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, msg)
}
