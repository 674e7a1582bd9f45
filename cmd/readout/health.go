package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// healthTimeout limits how long the command waits for an answer.
const healthTimeout = 2 * time.Second

// healthCommand asks a node on this machine whether it is ready. It serves as the health check of container images that
// have no shell.
type healthCommand struct {
	Listen string `env:"READOUT_LISTEN" default:"${default_listen}" placeholder:"ADDRESS" help:"${health_listen}"`
}

// Run fails with a one-line error unless the node says within [healthTimeout] that it is ready.
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
	// This transport ignores HTTP_PROXY: the node is on this machine.
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

// readyURL returns the address of /readyz on a node that listens on the given address. For an unspecified address, such
// as 0.0.0.0, it takes the loopback address.
func readyURL(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("the address %q must be a host and a port such as 127.0.0.1:8080", listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}
