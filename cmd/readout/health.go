package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// healthTimeout is how long a healthy node takes to answer at most.
const healthTimeout = 2 * time.Second

// healthCommand asks a node on this machine whether it takes requests. It is for images that have no shell.
type healthCommand struct {
	Listen string `env:"READOUT_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address and port that the server listens on (${default})."`
}

// Run fails, in one line, when the node does not say within two seconds that it is ready.
func (c *healthCommand) Run(ctx context.Context) error {
	url, err := readyURL(c.Listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// No proxy of the environment stands between a node and its own health.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the server is not ready: %w", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s answered %s", url, res.Status)
	}
	return nil
}

// readyURL is where a node that listens on an address says whether it is ready.
func readyURL(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("the address to ask, %q, must be a host and a port such as 127.0.0.1:8080", listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}
