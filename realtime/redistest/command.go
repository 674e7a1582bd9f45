package redistest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Do sends one command over a new connection and returns the answer as text, an array with one item per line. It fails
// the test on an error.
func (s *Server) Do(args ...string) string {
	s.t.Helper()
	answer, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("redistest: %s: %v", args[0], err)
	}
	return answer
}

// try is like Do, but returns the error.
func (s *Server) try(args ...string) (string, error) {
	conn, err := s.dial()
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	br := bufio.NewReader(conn)
	var answer string
	for _, command := range [][]string{{"AUTH", s.password}, args} {
		var b strings.Builder
		fmt.Fprintf(&b, "*%d\r\n", len(command))
		for _, a := range command {
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
		}
		if _, err := io.WriteString(conn, b.String()); err != nil {
			return "", err
		}
		if answer, err = readAnswer(br); err != nil {
			return "", err
		}
	}
	return answer, nil
}

func (s *Server) dial() (net.Conn, error) {
	d := &net.Dialer{Timeout: patience}
	if s.tls != nil {
		return tls.DialWithDialer(d, "tcp", s.Addr(), &tls.Config{RootCAs: s.tls.pool})
	}
	return d.Dial("tcp", s.Addr())
}

// readAnswer reads one answer in version 2 of the protocol (RESP2).
func readAnswer(br *bufio.Reader) (string, error) {
	l, err := br.ReadString('\n')
	if err != nil {
		return "", err
	}
	l = strings.TrimSuffix(l, "\r\n")
	if l == "" {
		return "", errors.New("empty line")
	}
	switch kind, rest := l[0], l[1:]; kind {
	case '-':
		return "", errors.New(rest)
	case '+', ':':
		return rest, nil
	case '$':
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 {
			return "", err
		}
		b := make([]byte, n+2)
		_, err = io.ReadFull(br, b)
		return string(b[:n]), err
	case '*':
		n, err := strconv.Atoi(rest)
		if err != nil {
			return "", err
		}
		var items []string
		for range n {
			item, err := readAnswer(br)
			if err != nil {
				return "", err
			}
			items = append(items, item)
		}
		return strings.Join(items, "\n"), nil
	}
	return "", fmt.Errorf("unknown type of answer %q", l[0])
}
