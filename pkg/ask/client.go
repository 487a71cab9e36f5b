package ask

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

const (
	// maxBody limits the answers that are read at once, in bytes.
	maxBody = 4 << 20
	// maxMessage limits the part of an error that is read, in bytes.
	maxMessage = 64 << 10
	// maxQuoted limits the part of a server's message that is printed, in characters.
	maxQuoted = 300
)

// client sends requests to an OpenAI-compatible API.
type client struct {
	http   *http.Client
	base   string // URL of the server
	target *target
	key    *apiKey
}

func (c *client) ask(ctx context.Context, q Question, print func(string) error) (*Answer, error) {
	model := q.Model
	if model == "" {
		var err error
		if model, err = c.onlyModel(ctx); err != nil {
			return nil, err
		}
	}
	messages := []map[string]string{{"role": "user", "content": q.Text}}
	if q.System != "" {
		messages = slices.Insert(messages, 0, map[string]string{"role": "system", "content": q.System})
	}
	body, err := json.Marshal(map[string]any{"model": model, "messages": messages, "stream": true, "stream_options": map[string]bool{"include_usage": true}})
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	response, err := c.send(ctx, http.MethodPost, "/v1/chat/completions", body)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	r := &reader{begin: begin, print: print, answer: Answer{Model: model}}
	if media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); media == "text/event-stream" {
		err = r.stream(response.Body)
	} else { // a server that ignores "stream"
		err = r.whole(io.LimitReader(response.Body, maxBody))
	}
	if err != nil {
		return nil, c.key.redactor.Error(fmt.Errorf("%s: %w", c.target.release, err))
	}
	return r.finish(), nil
}

// onlyModel returns the ID of the model that the server lists.
func (c *client) onlyModel(ctx context.Context) (string, error) {
	const path = "/v1/models"
	response, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var list struct {
		Data []struct {
			ID     string `json:"id"`
			Parent string `json:"parent"` // of a LoRA adapter
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&list); err != nil || list.Data == nil {
		return "", c.target.otherAPI(path)
	}
	var models, bases []string
	for _, m := range list.Data {
		models = append(models, m.ID)
		if m.Parent == "" {
			bases = append(bases, m.ID)
		}
	}
	switch {
	case len(bases) == 1:
		return bases[0], nil
	case len(models) == 0:
		return "", fmt.Errorf("%s serves no model", c.target.release)
	}
	err = fmt.Errorf("%s serves several models; choose one with --model: %s", c.target.release, strings.Join(models, ", "))
	return "", err
}

// send returns the response to a request if its status is 200.
func (c *client) send(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json, text/event-stream")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.key.authorize != nil {
		c.key.authorize(request)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.key.redactor.Error(fmt.Errorf("%s: %w", c.target.release, withoutURL(err)))
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	defer response.Body.Close()
	return nil, c.failed(response, path)
}

// failed returns the error of a response.
func (c *client) failed(response *http.Response, path string) error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxMessage))
	message, structured := messageOf(text)
	switch response.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return c.rejected(response.StatusCode)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		if !structured {
			return c.target.otherAPI(path)
		}
	}
	err := fmt.Errorf("%s: the server returned HTTP %d for %s", c.target.release, response.StatusCode, path)
	if message = c.key.redactor.Text(message); message != "" {
		err = fmt.Errorf("%w (%s)", err, message)
	}
	return hint.Run(err, "check the logs", hint.Blueprint("logs", "-n", c.target.cluster.Namespace, c.target.release, "--tail=20"))
}

// rejected returns the error of a request without a valid API key.
func (c *client) rejected(status int) error {
	namespace := c.target.cluster.Namespace
	switch {
	case c.key.from != "":
		err := fmt.Errorf("%s rejected the API key from %s (HTTP %d)", c.target.release, c.key.from, status)
		return hint.Run(err, "if the Secret has changed since the pod started, restart the pod", hint.Kubectl("delete", "pod", "-n", namespace, c.target.pod.Name))
	case c.key.unread != "":
		return fmt.Errorf("%s requires an API key (HTTP %d), and %s", c.target.release, status, c.key.unread)
	}
	err := fmt.Errorf("%s requires an API key (HTTP %d), but its container has none", c.target.release, status)
	return hint.Text(err, "set the variable "+keyVariables[0]+" from a Secret, or pass '--api-key $(NAME)' with a variable from a Secret")
}

// messageOf returns the message of an error's body, and whether it is JSON as in OpenAI's,
// vLLM's, SGLang's or FastAPI's errors.
func messageOf(body []byte) (message string, structured bool) {
	var e struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  any             `json:"detail"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return shortened(string(body)), false
	}
	var inner struct {
		Message string `json:"message"`
	}
	var text string
	_ = json.Unmarshal(e.Error, &inner)
	_ = json.Unmarshal(e.Error, &text)
	if message = cmp.Or(inner.Message, text, e.Message); message != "" {
		return shortened(message), true
	}
	detail, _ := e.Detail.(string)
	return shortened(cmp.Or(detail, string(body))), false // FastAPI's "Not Found" of an unknown path
}

// shortened returns a text as one line of limited length.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxQuoted {
		text = string(runes[:maxQuoted]) + "…"
	}
	return text
}
