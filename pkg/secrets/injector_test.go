package secrets

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"path"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// injector lets the fault of a Secret happen at its first write.
func injector(t *testing.T, pending map[string]fault) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	var mu sync.Mutex
	return func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		name := nameOf(t, req)
		mu.Lock()
		f, found := pending[name]
		hit := found && writes(req, name)
		if hit {
			delete(pending, name)
		}
		mu.Unlock()
		if !hit {
			return next.RoundTrip(req)
		}
		if f.after {
			response, err := next.RoundTrip(req)
			if err != nil {
				return nil, err
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		if trace := httptrace.ContextClientTrace(req.Context()); !f.sure && trace != nil {
			trace.WroteHeaders() // it was on its way
		}
		response, err := f.answer()
		if response != nil {
			response.Request = req
		}
		return response, err
	}
}

// writes reports whether a request is the one that changes something: of the
// two writes of an upsert the POST, of recreating the DELETE.
func writes(req *http.Request, name string) bool {
	switch kind, _, _ := strings.Cut(name, "."); kind {
	case "upsert":
		return req.Method == http.MethodPost
	case "recreate":
		return req.Method == http.MethodDelete
	}
	return req.Method != http.MethodGet
}

func nameOf(t *testing.T, req *http.Request) string {
	if req.Method != http.MethodPost {
		return path.Base(req.URL.Path)
	}
	var body metav1.PartialObjectMetadata
	if err := json.Unmarshal([]byte(bodyOf(t, req)), &body); err != nil {
		t.Error(err)
	}
	return body.Name
}
