// Package modelhub asks Hugging Face and NVIDIA NGC whether a token grants access to a
// model. It requests the head of one file of the model, or of the manifest of a NIM image,
// and downloads nothing. A token goes only to the host of its service, over HTTPS or to
// this machine, and never into a message.
package modelhub

import (
	"cmp"
	"context"
	"crypto/sha256"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// DefaultTimeout limits the duration of one answer.
const DefaultTimeout = 5 * time.Second

// Outcome is the machine-readable answer.
type Outcome string

// The outcomes.
const (
	Granted      Outcome = "granted"
	NotGranted   Outcome = "not-granted"   // the token is valid, but its account has no access
	NoToken      Outcome = "no-token"      // the model requires a token, and there is none
	InvalidToken Outcome = "invalid-token" // wrong, expired or revoked
	NotFound     Outcome = "not-found"     // no such model or revision, or a private one
	Unreachable  Outcome = "unreachable"   // from this machine, or the response says nothing about the token
)

// Answer is what a service says about a token and a model.
type Answer struct {
	Outcome Outcome
	Reason  string // the cause; "" if access is granted
	Fix     string // an imperative with the page on which to get access or a token, or ""
}

// Options control how to reach the services. The zero value is ready to use.
type Options struct {
	Transport http.RoundTripper // nil for a default one, with the proxy of the environment
	Timeout   time.Duration     // 0 for DefaultTimeout
	Endpoint  string            // of Hugging Face; "" for HF_ENDPOINT of the environment or https://huggingface.co
}

// Client asks each question once and remembers the answer.
type Client struct {
	opts    Options
	mu      sync.Mutex
	answers map[question]func() Answer
}

// question identifies an answer, without the token itself.
type question struct {
	model Model
	image string
	token [sha256.Size]byte
}

// New returns a client without answers.
func New(opts Options) *Client {
	if opts.Transport == nil {
		opts.Transport = http.DefaultTransport
	}
	opts.Timeout = cmp.Or(opts.Timeout, DefaultTimeout)
	opts.Endpoint = cmp.Or(opts.Endpoint, os.Getenv("HF_ENDPOINT"), publicHub)
	return &Client{opts: opts, answers: map[question]func() Answer{}}
}

// ask returns the answer to a question, which it gets from find at most once. It returns
// the error of ctx if ctx ended first.
func (c *Client) ask(ctx context.Context, q question, find func(context.Context) Answer) (Answer, error) {
	c.mu.Lock()
	answer := c.answers[q]
	if answer == nil {
		answer = sync.OnceValue(func() Answer {
			bounded, cancel := context.WithTimeout(ctx, c.opts.Timeout)
			defer cancel()
			return find(bounded)
		})
		c.answers[q] = answer
	}
	c.mu.Unlock()
	a := answer()
	return a, ctx.Err()
}

// unreachable returns the answer for a request that failed. Errors of net/http quote what
// they sent, so only registry's words for them leave this package.
func unreachable(err error, host string) Answer {
	failure := registry.ConnectionError(err, host)
	if failure == nil || failure.Outcome != registry.Unreachable && failure.Outcome != registry.Untrusted {
		return Answer{Outcome: Unreachable, Reason: "cannot connect to " + host + " from this machine (the cluster may still reach it)"}
	}
	return Answer{Outcome: Unreachable, Reason: failure.Reason}
}
