package server

import (
	"bufio"
	"context"
	"fmt"
	"mime/quotedprintable"
	"net"
	"strings"
	"testing"
	"time"
)

// smtpServer accepts one mail and returns its address, and the channel on which it sends what it got.
func smtpServer(t *testing.T) (address string, got <-chan string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	mails := make(chan string, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprint(conn, "220 test\r\n")
		var all strings.Builder
		data := false
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			line := lines.Text()
			all.WriteString(line + "\n")
			switch {
			case data && line == ".":
				data = false
				fmt.Fprint(conn, "250 queued\r\n")
				mails <- all.String()
			case data:
			case line == "DATA":
				data = true
				fmt.Fprint(conn, "354 go on\r\n")
			case line == "QUIT":
				fmt.Fprint(conn, "221 bye\r\n")
				return
			default:
				fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	return ln.Addr().String(), mails
}

// It fails if a mail does not arrive with its sender, recipient, subject and link.
func TestMail(t *testing.T) {
	t.Parallel()
	address, got := smtpServer(t)
	m, err := newMailer("smtp://"+address, "Readout <desk@paper.example>")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	link := "https://live.example/invite/" + strings.Repeat("x", 43)
	if err := m.send(ctx, "new@paper.example", "Invitation", "Follow:\n\n"+link+"\n"); err != nil {
		t.Fatal(err)
	}
	mail := <-got
	var text strings.Builder
	for _, line := range strings.SplitAfter(mail, "\n") {
		text.WriteString(line)
	}
	_, body, _ := strings.Cut(text.String(), "\n\n")
	plain := make([]byte, 4096)
	n, _ := quotedprintable.NewReader(strings.NewReader(body)).Read(plain)
	for _, want := range []string{"<desk@paper.example>", "<new@paper.example>", "Subject: Invitation"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %q: %s", want, mail)
		}
	}
	if !strings.Contains(string(plain[:n]), link) {
		t.Errorf("the mail lacks the link: %s", mail)
	}
}

// It fails if a wrong setting is accepted, or if an error shows the password.
func TestMailSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		url, from string
		ok        bool
	}{
		{"", "", true},
		{"smtps://user:secret@mail.example", "desk@paper.example", true},
		{"smtp://mail.example:2525", "Desk <desk@paper.example>", true},
		{"smtps://user:secret@mail.example", "", false},
		{"http://user:secret@mail.example", "desk@paper.example", false},
		{"smtp://user:secret@", "desk@paper.example", false},
		{"smtp://user:secret@mail.example:port", "desk@paper.example", false},
	} {
		_, err := newMailer(tt.url, tt.from)
		if (err == nil) != tt.ok || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q from %q: %v", tt.url, tt.from, err)
		}
	}
}
