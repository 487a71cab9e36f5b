package deploy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// logServer returns a connection to the test cluster through a proxy that serves the
// logs, because the containers of the simulated nodes print nothing.
func logServer(t *testing.T, namespace string, serve func(w http.ResponseWriter, pod string, q url.Values)) *kube.Cluster {
	t.Helper()
	config := kubetest.Config(t)
	upstream, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(upstream) }, Transport: transport, FlushInterval: -1}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, ok := strings.CutSuffix(r.URL.Path, "/log"); ok {
			serve(w, path[strings.LastIndex(path, "/")+1:], r.URL.Query())
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(server.Close)
	flags := kube.NewConfigFlags(t.Context(), t.Logf)
	*flags.KubeConfig, *flags.Namespace, *flags.APIServer = kubetest.Kubeconfig(t), namespace, server.URL
	c, err := kube.Connect(flags)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// canary is a Secret value that must not be printed.
const canary = "canary-7f3a9c5e21d8"

// withKey deploys a recipe whose pod reads a Secret, and returns its running pod.
func (f *fixture) withKey(value string) string {
	f.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "key"}, StringData: map[string]string{"k": value}}
	if _, err := f.Cluster.Core.Secrets(f.Cluster.Namespace).Create(f.t.Context(), secret, metav1.CreateOptions{}); err != nil {
		f.t.Fatal(err)
	}
	f.deploy(recipe("a", `, "recipe_environment_secrets": [{"envvar_name": "K", "secret_name": "key", "secret_key": "k"}]`))
	return f.running("")
}

// running waits for a running pod other than one, and returns its name.
func (f *fixture) running(other string) string {
	f.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		pods, err := f.Cluster.Core.Pods(f.Cluster.Namespace).List(f.t.Context(), metav1.ListOptions{})
		if err != nil {
			f.t.Fatal(err)
		}
		for i := range pods.Items {
			if p := &pods.Items[i]; p.Name != other && p.DeletionTimestamp == nil && ran(p, "main", false) {
				return p.Name
			}
		}
	}
	f.t.Fatal("no pod runs")
	return ""
}

// TestLogs prints each line once, without Secret values, and passes the options on.
func TestLogs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	pod := f.withKey(canary)
	var query url.Values
	long := strings.Repeat("x", 3*64<<10)
	c := logServer(t, f.Cluster.Namespace, func(w http.ResponseWriter, _ string, q url.Values) {
		query = q
		_, _ = fmt.Fprintf(w, "2026-01-01T00:00:00.1Z key %s\n2026-01-01T00:00:00.2Z 10%%\r20%%\r\n2026-01-01T00:00:00.3Z %s\n2026-01-01T00:00:00.4Z last", canary, long)
	})
	var got []string
	l := &Logs{Cluster: c, Tail: 7, Since: time.Minute, Note: t.Logf, Print: func(line LogLine) error {
		if line.Pod != pod || line.Container != "main" {
			t.Errorf("a line of %s/%s", line.Pod, line.Container)
		}
		got = append(got, line.Text)
		return nil
	}}
	found := []Deployed{{Release: "recipe-a"}}
	if err := l.Run(t.Context(), f.releases, found); err != nil {
		t.Fatal(err)
	}
	if len(got) != 6 || len(got[3]) > 64<<10+1 || !strings.HasPrefix(got[3], "xxx") {
		t.Fatalf("got %d lines: %.200q", len(got), got)
	}
	got[3] = "x"
	if diff := cmp.Diff([]string{"key ***", "10%", "20%", "x", "… (truncated)", "last"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	want := url.Values{"container": {"main"}, "sinceSeconds": {"60"}, "tailLines": {"7"}, "timestamps": {"true"}}
	if diff := cmp.Diff(want, query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}

	full := errors.New("disk full")
	l.Print = func(LogLine) error { return full }
	if err := l.Run(t.Context(), f.releases, found); !errors.Is(err, full) {
		t.Errorf("got %v, want the error of Print", err)
	}
	l.Previous = true
	if err := l.Run(t.Context(), f.releases, found); err == nil || err.Error() != "recipe-a: no container was restarted" {
		t.Errorf("got %v", err)
	}
	l.Container = "other"
	if err := l.Run(t.Context(), f.releases, found); err == nil || err.Error() != `container "other" not found; the containers are main` {
		t.Errorf("got %v", err)
	}
}

// TestFollowLogs loses the stream, rotates the Secret and replaces the pod. Every line
// is printed once, the values of both versions of the Secret are not.
func TestFollowLogs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const rotated = "canary-new-61f0b7d94c"
	first := f.withKey(canary)
	var mu sync.Mutex
	reads := map[string]int{}
	release := make(chan struct{})
	c := logServer(t, f.Cluster.Namespace, func(w http.ResponseWriter, pod string, q url.Values) {
		mu.Lock()
		reads[pod]++
		n := reads[pod]
		mu.Unlock()
		text := ""
		switch {
		case pod != first:
			text = "2026-01-01T00:02:00Z new " + rotated + " old " + canary + "\n"
		case n == 1:
			text = "2026-01-01T00:01:00.5Z one " + canary + "\n"
		case q.Get("sinceTime") != "2026-01-01T00:01:00Z":
			text = "2026-01-01T00:01:09Z read again from " + q.Encode() + "\n"
		default:
			text = "2026-01-01T00:01:00.5Z one\n2026-01-01T00:01:00.6Z two\n"
		}
		_, _ = fmt.Fprint(w, text)
		w.(http.Flusher).Flush()
		if pod != first || n > 1 {
			<-release
		}
	})
	defer close(release)
	lines := make(chan LogLine, 100)
	l := &Logs{Cluster: c, Follow: true, Tail: -1, Note: t.Logf, Print: func(line LogLine) error { lines <- line; return nil }}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	go func() { done <- l.Run(ctx, f.releases, []Deployed{{Release: "recipe-a"}}) }()
	want := func(pod, text string) {
		t.Helper()
		select {
		case got := <-lines:
			if got != (LogLine{pod, "main", text}) {
				t.Errorf("got %v, want %q of %s", got, text, pod)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no line %q", text)
		}
	}
	want(first, "one ***")
	want(first, "two")
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "key"}, StringData: map[string]string{"k": rotated}}
	if _, err := f.Cluster.Core.Secrets(f.Cluster.Namespace).Update(ctx, secret, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Cluster.Core.Pods(f.Cluster.Namespace).Delete(ctx, first, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	want(f.running(first), "new *** old ***")
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("got %v after the end", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("still follows after the end")
	}
}

// TestUnreadableLog reports a node that serves no log, and asks it again with -f.
func TestUnreadableLog(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	pod := f.withKey(canary)
	var reads atomic.Int32
	c := logServer(t, f.Cluster.Namespace, func(w http.ResponseWriter, _ string, _ url.Values) {
		if reads.Add(1) <= 2 {
			http.Error(w, "dial tcp 10.0.0.1:10250: connect: connection refused", http.StatusBadGateway)
			return
		}
		_, _ = fmt.Fprintln(w, "2026-01-01T00:00:00.1Z back")
	})
	lines, notes := make(chan LogLine, 10), make(chan string, 10)
	l := &Logs{Cluster: c, Tail: -1, Note: func(format string, args ...any) { notes <- fmt.Sprintf(format, args...) },
		Print: func(line LogLine) error { lines <- line; return nil }}
	found := []Deployed{{Release: "recipe-a"}}
	prefix := fmt.Sprintf("pod/%s: container main: ", pod)
	if err := l.Run(t.Context(), f.releases, found); err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	l.Follow = true
	done := make(chan error)
	go func() { done <- l.Run(ctx, f.releases, found) }()
	select {
	case got := <-lines:
		if got.Text != "back" {
			t.Errorf("got %q", got.Text)
		}
	case <-ctx.Done():
		t.Error("the log is not read again")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(notes) != 1 {
		t.Fatalf("%d notes", len(notes))
	}
	if note := <-notes; !strings.HasPrefix(note, prefix+"could not read the log, retrying: ") {
		t.Errorf("note %q", note)
	}
}

// TestEnded knows which containers are restarted.
func TestEnded(t *testing.T) {
	t.Parallel()
	always := corev1.ContainerRestartPolicyAlways
	for _, c := range []struct {
		policy    corev1.RestartPolicy
		container string
		code      int32
		want      bool
	}{
		{corev1.RestartPolicyAlways, "main", 0, false}, {corev1.RestartPolicyOnFailure, "main", 1, false}, {corev1.RestartPolicyOnFailure, "main", 0, true}, {corev1.RestartPolicyNever, "main", 1, true},
		{corev1.RestartPolicyAlways, "init", 0, true}, {corev1.RestartPolicyAlways, "init", 1, false}, {corev1.RestartPolicyNever, "init", 1, true}, {corev1.RestartPolicyNever, "sidecar", 0, false},
	} {
		pod := &corev1.Pod{Spec: corev1.PodSpec{RestartPolicy: c.policy, InitContainers: []corev1.Container{{Name: "init"}, {Name: "sidecar", RestartPolicy: &always}}}}
		running := corev1.ContainerStatus{Name: c.container, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{running}
		if ended(pod, c.container) || !ran(pod, c.container, false) || ran(pod, c.container, true) {
			t.Errorf("%s has ended while it runs", c.container)
		}
		pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: c.code}}
		if got := ended(pod, c.container); got != c.want {
			t.Errorf("%+v: got %t", c, got)
		}
		pod.Status.Phase = corev1.PodFailed
		if !ended(pod, c.container) {
			t.Errorf("%s of a failed pod has not ended", c.container)
		}
	}
}
