package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func wantStatusOnly(t testing.TB, h http.Handler, r *http.Request, want int) {
	t.Helper()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	if recorder.Code != want {
		t.Errorf("%s %s is answered with %d, want %d", r.Method, r.URL, recorder.Code, want)
	}
}

func TestServePathsAndMethods(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	const all, one = "GET, HEAD, POST", "GET, HEAD"
	for _, tt := range []struct {
		method, target string
		want           int // 502: it got as far as the cluster
		allow          string
	}{
		{"GET", "/secrets", 502, ""},
		{"GET", "/secrets/", 502, ""},
		{"GET", "/secrets?namespace=other", 502, ""},
		{"GET", "/secrets/?namespace=", 502, ""},
		{"GET", "/secrets/x", 502, ""},
		{"GET", "/secrets/x/?namespace=other&format=json", 502, ""},
		{"HEAD", "/secrets/", 502, ""},
		{"POST", "/secrets", 400, ""},
		{"POST", "/secrets/", 400, ""},
		{"PUT", "/secrets/", 405, all},
		{"DELETE", "/secrets", 405, all},
		{"OPTIONS", "/secrets/", 405, all},
		{"POST", "/secrets/x/", 405, one},
		{"DELETE", "/secrets/x", 405, one},
		{"BREW", "/secrets/x", 405, one},
		{"GET", "/", 404, ""},
		{"POST", "/", 404, ""},
		{"GET", "/secret/", 404, ""},
		{"GET", "/secrets/x/y", 404, ""},
		{"POST", "//secrets/", 404, ""},
		{"POST", "/secrets//", 404, ""},
		{"GET", "/secrets/../secrets/", 404, ""},
		{"GET", "/secrets/./", 404, ""},
		{"GET", "/secrets/..%2Fpods/", 404, ""},
		{"GET", "/secrets/%2e%2e/", 404, ""},
		{"GET", "/secrets/Not_A_Name/", 404, ""},
		{"GET", "/secrets/?namespace=..%2Fx", 400, ""},
		{"GET", "/secrets/x/?namespace=UPPER", 400, ""},
		{"GET", "/secrets/?namespace=a&namespace=b", 400, ""},
		{"GET", "/secrets/?namespace=a;b", 400, ""},
		{"POST", "/secrets/?namespace=a/b", 400, ""},
	} {
		response, body := answer(t, h, request(tt.method, tt.target, ""))
		if response.StatusCode != tt.want || response.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q, %v; want %d, Allow %q", tt.method, tt.target,
				response.StatusCode, response.Header.Get("Allow"), body, tt.want, tt.allow)
		}
		if detail, _ := body["detail"].(string); detail == "" {
			t.Errorf("%s %s: says nothing: %v", tt.method, tt.target, body)
		}
	}
}

func TestServeUnreachableClusterWritesNothing(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	body := wantStatus(t, h, request("POST", "/secrets/", `{"secrets_payload": [{"name": "a", "action": "delete"}]}`), http.StatusBadGateway)
	detail, _ := body["detail"].(string)
	if !strings.HasPrefix(detail, "nothing was written: the cluster is unreachable: ") {
		t.Errorf("detail is %q", detail)
	}
	delete(body, "detail")
	if diff := cmp.Diff(map[string]any{"operations_processed": 0.0, "results": []any{}}, body); diff != "" {
		t.Error(diff)
	}
}

func TestServeLimitsThePayload(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	fill := strings.Repeat(" ", MaxBody)
	wantStatus(t, h, request("POST", "/secrets/", fill), http.StatusBadRequest) // empty, not too large
	wantStatus(t, h, request("POST", "/secrets/", fill+" "), http.StatusRequestEntityTooLarge)
	chunked := request("POST", "/secrets/", "")
	chunked.Body, chunked.ContentLength = io.NopCloser(strings.NewReader(fill+" ")), -1
	body := wantStatus(t, h, chunked, http.StatusRequestEntityTooLarge)
	if body["operations_processed"] != 0.0 {
		t.Errorf("body is %v", body)
	}
}

func TestServeMalformedPayloads(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	for payload, want := range map[string][]string{
		"{\"secrets_payload\": [\n {\"name\": \"a\", \"action\": \"delete\", \"keyz\": 1},\n {\"name\": \"B!\", \"action\": \"delete\"}]}": {
			"2:36 /secrets_payload/0/keyz", "3:11 /secrets_payload/1/name",
		},
		"{\"secrets_payload\": [\n  {\"name\": ":                   {"2:12 "},
		"{\"secrets_payload\": [\n  ],\n \"secrets_payload\": []}": {"3:2 "},
	} {
		body := wantStatus(t, h, request("POST", "/secrets/", payload), http.StatusBadRequest)
		var got []string
		for _, f := range body["errors"].([]any) {
			f := f.(map[string]any)
			pointer, _ := f["pointer"].(string)
			got = append(got, fmt.Sprintf("%v:%v %s", f["line"], f["column"], pointer))
			if f["message"] == "" {
				t.Errorf("a fault says nothing: %v", f)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", payload, diff)
		}
		if detail, _ := body["detail"].(string); !strings.HasPrefix(detail, "malformed payload, first: body:"+want[0][:3]) {
			t.Errorf("detail is %q", detail)
		}
		delete(body, "detail")
		delete(body, "errors")
		if diff := cmp.Diff(map[string]any{"operations_processed": 0.0, "results": []any{}}, body); diff != "" {
			t.Error(diff)
		}
	}
}

// A client must not read the server's files and environment, whatever
// pkg/secrets honors in payloads that are files of its user.
func TestServeRefusesValuesByReference(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	for _, data := range []string{
		`{"k": {"valueFrom": {"env": "HOME"}}}`,
		`{"k": {"valueFrom": {"file": "/etc/passwd"}}}`,
		`{"k": {"valueFrom": {"stdin": true}}}`,
		`{"k": {"valueFrom": {"prompt": "?"}}}`,
		`{"k": "v", "l": {"valueFrom": null}}`,
		`{"k": {"valueFrom": ["/etc/passwd"]}}`,
		`{"valueFrom": {"file": "/etc/passwd"}}`,
	} {
		for _, payload := range []string{
			`{"secrets_payload": [{"name": "a", "action": "create", "type": "opaque", "data": ` + data + `}]}`,
			`{"name": "a", "action": "create", "type": "container_registry", "data": ` + data + `}`,
			"- {name: a, action: update, type: opaque, data: " + data + "}", // YAML
		} {
			body := wantStatus(t, h, request("POST", "/secrets/", payload), http.StatusBadRequest)
			if detail, _ := body["detail"].(string); !strings.Contains(detail, "valueFrom: valueFrom is not allowed over HTTP") {
				t.Errorf("%s: %v", payload, body)
			}
		}
	}
	// A key of that name is one like any other: the cluster is asked.
	plain := `{"name": "a", "action": "create", "type": "opaque", "data": {"valueFrom": "text"}}`
	wantStatus(t, h, request("POST", "/secrets/", plain), http.StatusBadGateway)
}

func TestServeLogsNoValues(t *testing.T) {
	t.Parallel()
	h, logs := newHandler(t)
	const canary = "canary-6c1d"
	payload := `{"secrets_payload": [{"name": "a", "action": "create", "type": "opaque", "data": {"k": "` + canary + `"}},
		{"name": "b", "action": "delete"}]}`
	for _, r := range []*http.Request{
		request("POST", "/secrets/?namespace=team-a&token="+canary, payload),
		request("POST", "/secrets/", payload[:len(payload)-5]),
		request("GET", "/secrets/x?namespace="+canary+"%0a", ""),
		request("GET", "/secrets/%0d%0aforged/"+strings.Repeat("x", 1000), ""),
	} {
		r.Header.Set("X-Api-Key", canary)
		r.Header.Set("User-Agent", canary)
		answer(t, h, r)
	}
	lines := strings.Split(strings.TrimSpace(logs.String()), "\n")
	for i, want := range []string{
		`^POST /secrets/ 502 \S+ namespace=team-a operations=2$`,
		`^POST /secrets/ 400 \S+ namespace=default$`,
		`^GET /secrets/x 400 \S+$`,
		`^GET /secrets/%0d%0aforged/x{274} 404 \S+$`,
	} {
		if i >= len(lines) || !regexp.MustCompile(want).MatchString(lines[i]) {
			t.Errorf("the log lacks %s:\n%s", want, logs)
		}
	}
	if text := logs.String(); len(lines) != 4 || strings.Contains(text, canary) || strings.Contains(text, testToken) {
		t.Errorf("the log is\n%s", text)
	}
}
