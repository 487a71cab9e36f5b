package serve

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestServeListsTheFirstErrors answers a payload that is wrong throughout with
// a short list and the number of errors.
func TestServeListsTheFirstErrors(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	const op = `{"name":"a","action":"create","type":"opaque","data":{`
	for name, payload := range map[string]string{
		"unknown keys": `{"name":"a","action":"delete",` + members(`"x%d":1`) + `}`,
		"references":   op + members(`"k%d":{"valueFrom":{"env":"HOME"}}`) + `}}`,
		"numbers":      op + members(`"k%d":1`) + `}}`,
		"arrays":       `[` + members(`[%d]`) + `]`,
	} {
		body := wantStatus(t, h, request("POST", "/secrets/", payload), http.StatusBadRequest)
		if listed := body["errors"].([]any); len(listed) != source.MaxErrors {
			t.Errorf("%s: %d errors are listed", name, len(listed))
		}
		want := fmt.Sprintf("malformed payload (30000 errors, %d listed), first: body:1:", source.MaxErrors)
		if detail, _ := body["detail"].(string); !strings.HasPrefix(detail, want) || strings.Contains(detail, "\n") {
			t.Errorf("%s: detail is %q, want %q", name, detail, want)
		}
	}
}

func members(format string) string {
	all := make([]string, 30_000)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, ",")
}

// TestServeBoundsMemory refuses bodies of many tiny values before they take
// many times their size: with 4 MiB of them, as much as with a tenth of that.
func TestServeBoundsMemory(t *testing.T) {
	h, _ := newHandler(t)
	for name, fill := range map[string]string{"empty lists": "[],", "numbers": "0,", "YAML": "- 0\n"} {
		body := strings.Repeat(fill, MaxBody/len(fill)-2)
		if fill != "- 0\n" {
			body = "[" + body + "0]"
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		answer := wantStatus(t, h, request("POST", "/secrets/", body), http.StatusBadRequest)
		runtime.ReadMemStats(&after)
		if detail, _ := answer["detail"].(string); !strings.HasSuffix(detail, "must have at most 500000 values") {
			t.Errorf("%s: detail is %q", name, detail)
		}
		const bound = 200 << 20
		if took := after.TotalAlloc - before.TotalAlloc; took > bound {
			t.Errorf("%s: %d MiB for a body of %d MiB", name, took>>20, len(body)>>20)
		}
	}
}

// TestServeStopsParsingForClientsThatLeft spends nothing on a body that nobody
// waits for.
func TestServeStopsParsingForClientsThatLeft(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := wantStatus(t, h, request("POST", "/secrets/", `[`+members(`[%d]`)+`]`).WithContext(ctx), http.StatusServiceUnavailable)
	if body["errors"] != nil || body["detail"] != "request canceled before the payload was read" {
		t.Errorf("answer is %v", body)
	}
}

// TestServeHidesValuesInKeyPosition names no key that may be a value.
func TestServeHidesValuesInKeyPosition(t *testing.T) {
	t.Parallel()
	h, _ := newHandler(t)
	const value = "p@ss w0rd-123456"
	for _, payload := range []string{
		`{name: a, action: create, type: opaque, data: {token, "` + value + `"}}`,
		`{name: a, action: create, type: opaque, data: {"` + value + `": {valueFrom: {env: HOME}}}}`,
		`{name: a, action: create, type: opaque, data: {k: {valueFrom: {env, "` + value + `"}}}}`,
		`{name: a, action: delete, "` + value + `": x, "` + value + `": y}`,
		`{name: a, action: delete, "` + value + `"}`,
	} {
		response := wantStatus(t, h, request("POST", "/secrets/", "- "+payload), http.StatusBadRequest)
		if text := fmt.Sprint(response); strings.Contains(text, value) || !strings.Contains(text, "line:1") {
			t.Errorf("%s: answer is %s", payload, text)
		}
	}
}
