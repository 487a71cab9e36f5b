package kube

import (
	"context"
	"net/http"
	"sync"

	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
)

// clusterLogin gets credentials from the kubeconfig's plugin before the first
// request needs them. client-go would wait for the plugin even after the request's
// context ended. It keeps the credentials for later requests.
type clusterLogin struct {
	ctx  context.Context
	mu   sync.Mutex
	done bool
	err  error
}

// wrap returns c, or a configuration whose requests fail if the plugin failed or
// the context ended first.
func (l *clusterLogin) wrap(c *rest.Config) *rest.Config {
	if c.ExecProvider == nil && c.AuthProvider == nil {
		return c
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.done {
		_, l.err = input.Await(l.ctx, func() (struct{}, error) { return struct{}{}, authenticate(c) })
		l.done = true
	}
	if l.err != nil {
		failed := l.err
		c.ExecProvider, c.AuthProvider = nil, nil
		c.Wrap(func(http.RoundTripper) http.RoundTripper {
			return roundTrip(func(*http.Request) (*http.Response, error) { return nil, failed })
		})
	}
	return c
}

// authenticate runs the plugin for a request that is never sent.
func authenticate(c *rest.Config) error {
	config, err := c.TransportConfig()
	if err != nil || config.WrapTransport == nil {
		return err
	}
	answer := roundTrip(func(request *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
	})
	request, err := http.NewRequest(http.MethodGet, "https://localhost/", nil)
	if err != nil {
		return err
	}
	response, err := config.WrapTransport(answer).RoundTrip(request)
	if err == nil {
		err = response.Body.Close()
	}
	return err
}

// roundTrip is a function as an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
