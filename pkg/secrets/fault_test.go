package secrets

import (
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// fault is what goes wrong at the first write of an operation.
type fault struct {
	name   string
	after  bool                           // the server carries the request out first
	answer func() (*http.Response, error) // instead of the server's
	sure   bool                           // it tells that nothing was written
	reason Reason                         // of the result, "" of a success
}

func faults() []fault {
	status := func(code int, body string, headers ...string) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			response := &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
			for i := 0; i < len(headers); i += 2 {
				response.Header.Set(headers[i], headers[i+1])
			}
			return response, nil
		}
	}
	broken := func(op string, err error) func() (*http.Response, error) {
		return func() (*http.Response, error) { return nil, &net.OpError{Op: op, Net: "tcp", Err: err} }
	}
	const internal = `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"etcdserver: request timed out","reason":"InternalError","code":500}`
	isJSON := []string{"Content-Type", "application/json"}
	return []fault{
		{"throttled", false, status(429, "", "Retry-After", "0"), true, ""},
		{"unavailable-for-a-second", false, status(503, "", "Retry-After", "0"), true, ""},
		{"busy", false, status(429, "too many requests"), true, "TooManyRequests"},
		{"internal", false, status(500, internal, isJSON...), false, "InternalError"},
		{"internal-after", true, status(500, internal, isJSON...), false, "InternalError"},
		{"proxy", false, status(503, "<html>no upstream</html>"), false, "ServiceUnavailable"},
		{"gateway-after", true, status(504, "<html>upstream timed out</html>"), false, "Timeout"},
		{"refused", false, broken("dial", syscall.ECONNREFUSED), true, "NoAnswer"},
		{"reset", false, broken("read", syscall.ECONNRESET), false, "NoAnswer"},
		{"reset-after", true, broken("read", syscall.ECONNRESET), false, "NoAnswer"},
		{"deadline", false, broken("read", os.ErrDeadlineExceeded), false, "NoAnswer"},
		{"deadline-after", true, broken("read", os.ErrDeadlineExceeded), false, "NoAnswer"},
		{"login-page", false, status(200, "<html>log in</html>", "Content-Type", "text/html"), false, "NoAnswer"},
		{"empty-object", false, status(200, "{}", isJSON...), false, "NoAnswer"},
		{"null-after", true, status(201, "null", isJSON...), false, "NoAnswer"},
		{"array", false, status(200, "[]", isJSON...), false, "NoAnswer"},
		{"list", false, status(200, `{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}`, isJSON...), false, "NoAnswer"},
		{"success", false, status(200, `{"kind":"Status","apiVersion":"v1","status":"Success"}`, isJSON...), false, "NoAnswer"},
		{"another-secret", false, status(200, `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"another","namespace":"default","uid":"1"},"type":"Opaque"}`, isJSON...), false, "NoAnswer"},
	}
}

// kinds are operations with the Secret before them, nil where there is none.
func kinds() map[string]struct {
	op     func(name string) string
	before *corev1.Secret
} {
	plain := &corev1.Secret{Type: corev1.SecretTypeOpaque, Data: map[string][]byte{"old": []byte("v")}}
	pull := &corev1.Secret{Type: dockerConfigType, Data: map[string][]byte{".dockerconfigjson": []byte(`{"auths":{"old.example.com":{"auth":"eA=="}}}`)}}
	fixed := plain.DeepCopy()
	fixed.Immutable = new(true)
	type kind = struct {
		op     func(name string) string
		before *corev1.Secret
	}
	data := func(action Action) func(string) string {
		return func(name string) string { return opaque(action, name, "new", "v") }
	}
	return map[string]kind{
		"create":   {data(ActionCreate), nil},
		"update":   {data(ActionUpdate), plain},
		"upsert":   {data(ActionApply), nil},
		"upsert-2": {data(ActionApply), plain},
		"merge":    {func(name string) string { return merging(data(ActionUpdate)(name)) }, plain},
		"registry": {func(name string) string { return merging(pullSecret(ActionApply, name, "new.example.com", "u", "p")) }, pull},
		"recreate": {data(ActionUpdate), fixed},
		"delete":   {remove, plain},
	}
}

// TestFaultsAreToldTruthfully lets every fault happen to every operation, in
// one batch, and compares what it says with what is there.
func TestFaultsAreToldTruthfully(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	pending, ops := map[string]fault{}, []string{}
	for kind, k := range kinds() {
		for _, f := range faults() {
			name := kind + "." + f.name
			pending[name], ops = f, append(ops, k.op(name))
			if k.before != nil {
				before := k.before.DeepCopy()
				before.Name = name
				c.create(before)
			}
		}
	}
	all := faultsByName(pending)
	faulty := c.as(func(config *rest.Config) {
		config.ContentType = "application/json" // so that the injector can read it
		inject := injector(t, pending)
		config.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) { return inject(next, req) })
		})
	})
	batch := faulty.batch(list(ops...))
	batch.Recreate = true
	results := applied(t, batch)
	if len(pending) > 0 {
		t.Errorf("%d faults did not happen", len(pending))
	}
	for _, r := range results {
		wantTruth(t, c, r, all[r.Name])
	}
	again := c.batch(list(ops...))
	again.Recreate = true
	for i, r := range applied(t, again) {
		over := results[i].Status == StatusSuccess || all[r.Name].after || strings.Contains(results[i].Message, "was deleted")
		if r.Status != StatusSuccess && (!over || r.Reason != "AlreadyExists" && r.Reason != "NotFound") {
			t.Errorf("the second run says %+v", r)
		}
		if !c.done(r.Name) && !strings.HasPrefix(r.Name, "recreate.") {
			t.Errorf("the second run did not finish %s: %+v", r.Name, r)
		}
	}
}

func faultsByName(pending map[string]fault) map[string]fault {
	all := map[string]fault{}
	for name, f := range pending {
		all[name] = f
	}
	return all
}

// done reports whether the operation on a Secret has been carried out.
func (c cluster) done(name string) bool {
	live, err := c.client.Secrets(c.namespace).Get(c.t.Context(), name, metav1.GetOptions{})
	if strings.HasPrefix(name, "delete.") {
		return err != nil
	}
	return err == nil && (live.Data["new"] != nil || strings.Contains(string(live.Data[".dockerconfigjson"]), "new.example.com"))
}

// wantTruth compares a result with what is there.
func wantTruth(t *testing.T, c cluster, r Result, f fault) {
	t.Helper()
	done, open := c.done(r.Name), strings.Contains(r.Message, "may or may not have been")
	switch {
	case r.Reason != f.reason || (r.Status == StatusSuccess) != (f.reason == ""):
		t.Errorf("%s: result is %+v, want reason %q", r.Name, r, f.reason)
	case r.Status == StatusSuccess && !done:
		t.Errorf("%s: result is %+v, but it was not done", r.Name, r)
	case r.Status == StatusError && f.sure == open:
		t.Errorf("%s: message is %q, want it to be sure: %t", r.Name, r.Message, f.sure)
	case r.Status == StatusError && f.sure && done:
		t.Errorf("%s: result is %+v, but it was done", r.Name, r)
	case r.Status == StatusNotAttempted:
		t.Errorf("%s: result is %+v", r.Name, r)
	}
}
