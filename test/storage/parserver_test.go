package storage

import (
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// token is the secret part of every URL; nothing may print it.
const token = "CANARY-TOKEN-7f3a9"

// parServer serves one bucket through a pre-authenticated request, over TLS.
type parServer struct {
	objects map[string]string
	page    int // objects in a page of the list

	mutex sync.Mutex
	// fault answers a request instead of the server and returns true, or false.
	fault    func(w http.ResponseWriter, r *http.Request, object string) bool
	requests []string // OBJECT RANGE, or list PREFIX START

	url string
	env []string // with which programs trust the server
}

func newPARServer(t *testing.T, objects map[string]string) *parServer {
	t.Helper()
	s := &parServer{objects: objects, page: 1000}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	s.url = server.URL + "/p/" + token + "/n/namespace/b/bucket/o/"
	authority := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, data, 0o644); err != nil {
		t.Fatal(err)
	}
	s.env = []string{"SSL_CERT_FILE=" + authority, "LC_ALL=C.UTF-8"}
	return s
}

func (s *parServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/p/"+token+"/n/namespace/b/bucket/o/")
	object, err := url.PathUnescape(rest)
	if !ok || err != nil {
		http.Error(w, "BucketNotFound", http.StatusNotFound)
		return
	}
	s.mutex.Lock()
	fault := s.fault
	if object == "" {
		s.requests = append(s.requests, fmt.Sprintf("list %s %s", r.FormValue("prefix"), r.FormValue("start")))
	} else {
		s.requests = append(s.requests, strings.TrimSpace(object+" "+r.Header.Get("Range")))
	}
	s.mutex.Unlock()
	if fault != nil && fault(w, r, object) {
		return
	}
	if object == "" {
		s.list(w, r)
		return
	}
	content, ok := s.objects[object]
	if !ok {
		http.Error(w, "ObjectNotFound", http.StatusNotFound)
		return
	}
	w.Header().Set("ETag", `"`+etag(content)+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
}

// list answers as the object storage's ListObjects does.
func (s *parServer) list(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Name string `json:"name"`
		Size int    `json:"size"`
		ETag string `json:"etag"`
	}
	answer := struct {
		Objects []entry `json:"objects"`
		Next    *string `json:"nextStartWith,omitempty"`
	}{Objects: []entry{}}
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		if !strings.HasPrefix(name, r.FormValue("prefix")) || name < r.FormValue("start") {
			continue
		}
		if len(answer.Objects) == s.page {
			answer.Next = &name
			break
		}
		answer.Objects = append(answer.Objects, entry{name, len(s.objects[name]), etag(s.objects[name])})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func etag(content string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(content)))[:16]
}

// once is a fault that befalls the first request for an object.
func (s *parServer) once(object string, fault http.HandlerFunc) {
	var done sync.Once
	s.fault = func(w http.ResponseWriter, r *http.Request, name string) bool {
		struck := false
		if name == object {
			done.Do(func() { struck = true })
		}
		if struck {
			fault(w, r)
		}
		return struck
	}
}

// always answers every request with a status.
func (s *parServer) always(status int) {
	s.fault = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
		http.Error(w, "no", status)
		return true
	}
}

// asked are the requests that begin with a word.
func (s *parServer) asked(word string) []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.DeleteFunc(slices.Clone(s.requests), func(request string) bool { return !strings.HasPrefix(request, word) })
}
