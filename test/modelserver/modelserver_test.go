package modelserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestBars compares bars with tqdm's own: tqdm.format_meter(n, total, elapsed,
// prefix=..., unit=..., unit_scale=...).
func TestBars(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"model-00001-of-00002.safetensors:  45%|████▌     | 6.39G/14.2G [00:10<00:13, 600MB/s]":                       downloadBar(9, 20, 10650*time.Millisecond),
		"model-00001-of-00002.safetensors:   0%|          | 0.00/14.2G [00:00<?, ?B/s]":                               downloadBar(0, 20, 0),
		"Loading safetensors checkpoint shards:   0% Completed | 0/8 [00:00<?, ?it/s]":                                loadBar(0, 8, 0),
		"Loading safetensors checkpoint shards:  38% Completed | 3/8 [00:05<00:08,  1.70s/it]":                        loadBar(3, 8, 5100*time.Millisecond),
		"Loading safetensors checkpoint shards: 100% Completed | 8/8 [00:04<00:00,  2.00it/s]":                        loadBar(8, 8, 4*time.Second),
		"Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  34%|███▍      | 12/35 [00:03<00:06,  3.60it/s]":    captureBar(12, 35, 3333*time.Millisecond),
		"Capturing CUDA graphs (mixed prefill-decode, PIECEWISE): 100%|██████████| 35/35 [1:00:03<00:00, 102.94s/it]": captureBar(35, 35, 3603*time.Second),
	} {
		if got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestStartup(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	begin := time.Now()
	s := &Startup{Model: "test/model", Port: 8000, Download: 40 * time.Millisecond, Load: 20 * time.Millisecond, Capture: 20 * time.Millisecond}
	if err := s.Run(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < 80*time.Millisecond {
		t.Errorf("took %s", took)
	}
	rest := log.String()
	for _, line := range []string{
		`safetensors:   0%\|`, `safetensors:  50%\|█████     \| 7\.10G/14\.2G \[`, `safetensors: 100%\|██████████\| 14\.2G/14\.2G \[`,
		`shards:   0% Completed \| 0/8 \[`, `shards: 100% Completed \| 8/8 \[`, `PIECEWISE\):   3%\|▎         \| 1/35 \[`, `PIECEWISE\): 100%\|`,
		`INFO \d\d-\d\d \d\d:\d\d:\d\d \[api_server\.py:1289\] Starting vLLM API server 0 on http://0\.0\.0\.0:8000\n`,
		`\nINFO:     Application startup complete\.\n$`,
	} {
		at := regexp.MustCompile(line).FindStringIndex(rest)
		if at == nil {
			t.Fatalf("no %s in\n%s", line, rest)
		}
		rest = rest[at[0]:]
	}
}

func TestStuck(t *testing.T) {
	t.Parallel()
	for phase, last := range map[string]string{Download: "50%|█████     | 7.10G/14.2G [", Load: "50% Completed | 4/8 [", Capture: "49%|████▊     | 17/35 ["} {
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			var log bytes.Buffer
			s := &Startup{Download: time.Millisecond, Load: time.Millisecond, Capture: time.Millisecond, Stuck: phase}
			if err := s.Run(ctx, &log); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			if !strings.Contains(lines[len(lines)-1], last) {
				t.Errorf("last line %q", lines[len(lines)-1])
			}
		})
	}
	if err := (&Startup{Stuck: "pull"}).Run(t.Context(), io.Discard); err == nil {
		t.Error("phase pull exists")
	}
}

// call sends a request and returns status and body.
func call(t *testing.T, server *httptest.Server, method, path, key, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

func TestServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&Server{Models: []string{"test/model"}, APIKey: "k3y"})
	defer server.Close()
	const chat = `{"model": "test/model", "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hello there"}]}`
	for name, c := range map[string]struct {
		method, path, key, body string
		status                  int
		has                     string
	}{
		"health":       {"GET", "/health", "", "", 200, ""},
		"NIM's health": {"GET", "/v1/health/ready", "", "", 200, ""},
		"no key":       {"GET", "/v1/models", "", "", 401, `"code":"invalid_api_key","message":"Incorrect API key provided: "`},
		"wrong key":    {"POST", "/v1/chat/completions", "other", chat, 401, `Incorrect API key provided: other"`},
		"models":       {"GET", "/v1/models", "k3y", "", 200, `"id":"test/model"`},
		"chat":         {"POST", "/v1/chat/completions", "k3y", chat, 200, `"content":"The system prompt is \"Be brief\". You asked: Hello there"`},
		"usage":        {"POST", "/v1/chat/completions", "k3y", chat, 200, `"usage":{"prompt_tokens":4,"completion_tokens":10,"total_tokens":14}`},
		"other model":  {"POST", "/v1/chat/completions", "k3y", strings.Replace(chat, "test/model", "other", 1), 404, "The model `other` does not exist."},
		"not JSON":     {"POST", "/v1/chat/completions", "k3y", "{", 400, "BadRequestError"},
		"no such path": {"GET", "/v2", "", "", 404, "404 page not found"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := call(t, server, c.method, c.path, c.key, c.body)
			if status != c.status || !strings.Contains(body, c.has) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&Server{Models: []string{"m"}, Delay: 20 * time.Millisecond})
	defer server.Close()
	response, err := server.Client().Post(server.URL+"/v1/chat/completions", "application/json",
		strings.NewReader(`{"model": "m", "stream": true, "stream_options": {"include_usage": true}, "messages": [{"role": "user", "content": "a b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var first, last time.Time
	var data []string
	for s := bufio.NewScanner(response.Body); s.Scan(); {
		if text, ok := strings.CutPrefix(s.Text(), "data: "); ok {
			if last = time.Now(); first.IsZero() {
				first = last
			}
			data = append(data, text)
		}
	}
	// A role, four tokens, the end, the usage.
	if len(data) != 8 || data[7] != "[DONE]" {
		t.Fatalf("%d events: %q", len(data), data)
	}
	for i, has := range []string{`"delta":{"content":"","role":"assistant"}`, `"content":"You "`, `"content":"asked: "`, `"content":"a "`, `"content":"b"`, `"finish_reason":"stop"`, `"choices":[]`} {
		if !strings.Contains(data[i], has) {
			t.Errorf("event %d: %s, without %s", i, data[i], has)
		}
	}
	if !strings.Contains(data[6], `"usage":{"prompt_tokens":2,"completion_tokens":4,"total_tokens":6}`) || strings.Contains(data[5], "usage") {
		t.Errorf("usage: %q", data[5:])
	}
	if took := last.Sub(first); took < 60*time.Millisecond {
		t.Errorf("all events came within %s: they were not streamed", took)
	}
}
