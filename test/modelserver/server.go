// Package modelserver is a small OpenAI-compatible model server for tests and the
// demo. It owns the startup log of a vLLM server, with the progress bars of tqdm and
// huggingface_hub, and the HTTP API that answers afterwards. Answers repeat the
// question, so that a test knows them.
package modelserver

import (
	"cmp"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Server is an http.Handler that serves /health, NIM's /v1/health/ready and the /v1 API.
type Server struct {
	Models []string
	APIKey string        // required as a bearer token by /v1, unless empty
	Delay  time.Duration // before each token of an answer
	Answer string        // to every question; if empty, the question itself
}

// Message is one message of a chat.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type request struct {
	Model    string    `json:"model"`
	Messages []Message `json:"messages"`
	Stream   bool      `json:"stream"`
	Options  struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

// Usage counts tokens: words, for this server.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// repeat returns an answer that repeats the messages.
func repeat(messages []Message) string {
	var answer string
	for _, m := range messages {
		switch m.Role {
		case "system":
			answer += fmt.Sprintf("The system prompt is %q. ", m.Content)
		case "user":
			answer += fmt.Sprintf("You asked: %s", m.Content)
		}
	}
	return answer
}

// ServeHTTP implements http.Handler. As in vLLM, only /v1 requires the key.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/health" || r.URL.Path == "/v1/health/ready" {
		return
	}
	if strings.HasPrefix(r.URL.Path, "/v1/") && !s.authorized(r) {
		// OpenAI's message also quotes the key that it received.
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		fail(w, http.StatusUnauthorized, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: "+key)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/models":
		s.models(w)
	case "POST /v1/chat/completions":
		s.chat(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) authorized(r *http.Request) bool {
	return s.APIKey == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+s.APIKey)) == 1
}

func (s *Server) models(w http.ResponseWriter) {
	list := []any{}
	for _, id := range s.Models {
		list = append(list, map[string]any{"id": id, "object": "model", "created": time.Now().Unix(), "owned_by": "vllm", "root": id})
	}
	reply(w, http.StatusOK, map[string]any{"object": "list", "data": list})
}

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	var body request
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		fail(w, http.StatusBadRequest, "BadRequestError", "400", err.Error())
		return
	}
	if !slices.Contains(s.Models, body.Model) {
		fail(w, http.StatusNotFound, "NotFoundError", "404", fmt.Sprintf("The model `%s` does not exist.", body.Model))
		return
	}
	tokens := strings.SplitAfter(cmp.Or(s.Answer, repeat(body.Messages)), " ")
	usage := Usage{CompletionTokens: len(tokens)}
	for _, m := range body.Messages {
		usage.PromptTokens += len(strings.Fields(m.Content))
	}
	usage.TotalTokens = usage.PromptTokens + usage.CompletionTokens
	if body.Stream {
		s.stream(w, r, &body, tokens, usage)
		return
	}
	time.Sleep(time.Duration(len(tokens)) * s.Delay)
	message := Message{Role: "assistant", Content: strings.Join(tokens, "")}
	choice := map[string]any{"index": 0, "message": message, "finish_reason": "stop"}
	reply(w, http.StatusOK, completion(body.Model, "chat.completion", choice, &usage))
}

// stream sends one server-sent event per token.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, body *request, tokens []string, usage Usage) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	send := func(choice map[string]any, usage *Usage) {
		data, err := json.Marshal(completion(body.Model, "chat.completion.chunk", choice, usage))
		if err != nil {
			panic(err) // maps of strings and numbers
		}
		fmt.Fprintf(w, "data: %s\n\n", data)
		_ = http.NewResponseController(w).Flush()
	}
	delta := func(delta map[string]any, reason any) map[string]any {
		return map[string]any{"index": 0, "delta": delta, "finish_reason": reason}
	}
	send(delta(map[string]any{"role": "assistant", "content": ""}, nil), nil)
	for _, token := range tokens {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(s.Delay):
		}
		send(delta(map[string]any{"content": token}, nil), nil)
	}
	send(delta(map[string]any{"content": ""}, "stop"), nil)
	if body.Options.IncludeUsage {
		send(nil, &usage)
	}
	fmt.Fprint(w, "data: [DONE]\n\n")
}

// completion returns an answer, or a chunk of one. Without a choice, it has an empty
// list of choices.
func completion(model, object string, choice map[string]any, usage *Usage) map[string]any {
	c := map[string]any{"id": "chatcmpl-1", "object": object, "created": time.Now().Unix(), "model": model, "choices": []any{}}
	if choice != nil {
		c["choices"] = []any{choice}
	}
	if usage != nil {
		c["usage"] = usage
	}
	return c
}

// fail sends an error in the form of OpenAI's API.
func fail(w http.ResponseWriter, status int, kind, code, message string) {
	reply(w, status, map[string]any{"error": map[string]any{"message": message, "type": kind, "param": nil, "code": code}})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
