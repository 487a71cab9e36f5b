// Package ask sends one request to the OpenAI-compatible API of a deployed recipe. It
// owns the way to the server (a ready pod, the API key in its environment, a tunnel
// through the API server), the request, and the answer with its timings. It prints
// nothing and neither stores nor returns the API key.
package ask

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// Question is a request to a model.
type Question struct {
	Text    string
	System  string        // system prompt, or ""
	Model   string        // "" means the only model of the server
	Timeout time.Duration // until the answer is complete
}

// Answer is the answer of a model.
type Answer struct {
	APIVersion   string             `json:"apiVersion"`
	Kind         string             `json:"kind"`
	Metadata     printer.ObjectMeta `json:"metadata"` // of the release
	Model        string             `json:"model"`
	Answer       string             `json:"answer"`
	FinishReason string             `json:"finishReason"` // stop, or length if it was truncated
	Usage        *Usage             `json:"usage,omitempty"`
	Timings      Timings            `json:"timings"`
}

// Usage is the number of tokens, if the server counts them.
type Usage struct {
	PromptTokens     int `json:"promptTokens"`
	CompletionTokens int `json:"completionTokens"`
	TotalTokens      int `json:"totalTokens"`
}

// Timings are measured from the request on.
type Timings struct {
	FirstTokenSeconds float64 `json:"firstTokenSeconds"`
	TotalSeconds      float64 `json:"totalSeconds"`
	TokensPerSecond   float64 `json:"tokensPerSecond,omitempty"` // after the first token; absent without usage
}

// String returns the timings as a line.
func (t Timings) String() string {
	unit := time.Millisecond
	if t.FirstTokenSeconds >= 1 {
		unit = 100 * time.Millisecond
	}
	text := fmt.Sprintf("first token after %s", time.Duration(t.FirstTokenSeconds*float64(time.Second)).Round(unit))
	if t.TokensPerSecond > 0 {
		text += fmt.Sprintf(", %.1f tokens/s", t.TokensPerSecond)
	}
	return text
}

// Deployed sends a question to the release with a name, or whose recipe has this
// deployment_name. It passes each part of the answer to print as it arrives.
func Deployed(ctx context.Context, c *kube.Cluster, name string, q Question, print func(string) error) (*Answer, error) {
	if q.Timeout <= 0 {
		return nil, errors.New("--timeout must be positive")
	}
	releases, err := release.NewClient(c.Getter, c.Namespace)
	if err != nil {
		return nil, err
	}
	if name, err = deploy.FindNamed(releases, c.Namespace, name); err != nil {
		return nil, err
	}
	r, err := releases.Get(name)
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	answer, err := ask(within, c, name, r.Objects(), q, print)
	switch {
	case err == nil:
		answer.APIVersion, answer.Kind = objref.APIVersion, "Answer"
		answer.Metadata = printer.ObjectMeta{Name: r.Name, Namespace: r.Namespace}
		return answer, nil
	case ctx.Err() != nil:
		return nil, input.Interrupted(ctx)
	case within.Err() != nil && !errors.As(err, new(printError)):
		err = fmt.Errorf("%s: no complete answer within %s", name, q.Timeout)
		return nil, hint.Run(err, "check the logs", hint.Blueprint("logs", "-n", c.Namespace, name))
	}
	return nil, err
}

func ask(ctx context.Context, c *kube.Cluster, name string, objects []*unstructured.Unstructured, q Question, print func(string) error) (*Answer, error) {
	t, err := findTarget(ctx, c, name, objects)
	if err != nil {
		return nil, err
	}
	key := findKey(ctx, c, t.pod)
	tunnel, err := openTunnel(ctx, c, t.pod.Name, t.port)
	if err != nil {
		return nil, err
	}
	defer tunnel.close()
	transport := &http.Transport{DialContext: tunnel.dial} // without a proxy
	defer transport.CloseIdleConnections()
	api := &client{http: &http.Client{Transport: transport}, base: "http://localhost", target: t, key: key}
	answer, err := api.ask(ctx, q, print)
	if refused := tunnel.failure(); err != nil && refused != nil && ctx.Err() == nil {
		return nil, t.unreachable(refused)
	}
	return answer, err
}

// printError is an error of print, after which nothing more is read.
type printError struct{ error }

func (e printError) Unwrap() error { return e.error }
