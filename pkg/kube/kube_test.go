package kube_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/klog/v2"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

// flagsFor returns flags that choose a server, and the warnings they report.
func flagsFor(ctx context.Context, t *testing.T, kubeconfig, server string) (*genericclioptions.ConfigFlags, *[]string) {
	t.Helper()
	warnings := &[]string{}
	flags := kube.NewConfigFlags(ctx, func(format string, args ...any) { *warnings = append(*warnings, fmt.Sprintf(format, args...)) })
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	insecure := strings.HasPrefix(server, "https:")
	flags.KubeConfig, flags.APIServer, flags.Insecure = &file, &server, &insecure
	return flags, warnings
}

func TestFlagsAreThoseThatChooseACluster(t *testing.T) {
	t.Parallel()
	flags := kube.NewConfigFlags(t.Context(), nil)
	if got := kube.Flags(flags); got != nil {
		t.Errorf("none given: got %q", got)
	}
	*flags.KubeConfig, *flags.Context, *flags.ClusterName, *flags.Namespace = "a b", "c", "d", "shop"
	if got, want := kube.Flags(flags), []string{"--kubeconfig", "a b", "--context", "c", "--cluster", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	const kubeconfig = `{"contexts": [{"name": "c", "context": {"namespace": "shop"}}], "current-context": "c"}`
	for _, tt := range []struct{ kubeconfig, flag, online, offline, warning string }{
		{kubeconfig, "", "shop", "shop", ""},
		{kubeconfig, "other", "other", "other", ""},
		{kubeconfig, "-x;", "invalid namespace", "invalid namespace", ""},
		{"", "", "default", "default", ""},
		{"{", "", "error loading config", "default", "cannot load the kubeconfig"},
		{"{", "other", "error loading config", "other", ""},
		{"{", "../x", "error loading config", "invalid namespace", ""},
	} {
		flags, warnings := flagsFor(t.Context(), t, tt.kubeconfig, "")
		*flags.Namespace = tt.flag
		check := func(how, got string, err error, want string) {
			t.Helper()
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, want) {
				t.Errorf("%s, %q, -n %q: got %q, want %q", how, tt.kubeconfig, tt.flag, got, want)
			}
		}
		got, err := kube.Namespace(flags)
		check("online", got, err, tt.online)
		got, err = kube.OfflineNamespace(flags, func(format string, args ...any) { *warnings = append(*warnings, fmt.Sprintf(format, args...)) })
		check("offline", got, err, tt.offline)
		if text := strings.Join(*warnings, "\n"); (text == "") != (tt.warning == "") || !strings.HasPrefix(text, tt.warning) {
			t.Errorf("%q, -n %q: warned %q", tt.kubeconfig, tt.flag, text)
		}
	}
}

// plugin is a kubeconfig whose credentials come from a shell script.
func plugin(script string) string {
	return fmt.Sprintf(`{"users": [{"name": "u", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", %q], "interactiveMode": "Never"}}}],
		"contexts": [{"name": "c", "context": {"user": "u"}}], "current-context": "c"}`, script)
}

// TestCredentialPlugin runs a plugin once for all clients, and sends its token.
func TestCredentialPlugin(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	server, requests := newServer(t, answer{body: secretList, tls: true})
	flags, _ := flagsFor(t.Context(), t, plugin(`echo run >> `+log+`; echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "t0ken"}}'`), server)
	for range 2 {
		c, err := kube.Connect(flags)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Core.Secrets("shop").List(t.Context(), metav1.ListOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if runs, err := os.ReadFile(log); err != nil || string(runs) != "run\n" {
		t.Errorf("the plugin ran %q, %v", runs, err)
	}
	if got := requests(); len(got) != 2 || got[0].Header.Get("Authorization") != "Bearer t0ken" {
		t.Errorf("got %d requests: %v", len(got), got)
	}
}

func TestFailingCredentialPlugin(t *testing.T) {
	t.Parallel()
	server, requests := newServer(t, answer{body: secretList, tls: true})
	for script, want := range map[string]string{"exit 7": "exit code 7", "exec sleep 20 >/dev/null 2>&1": "interrupted"} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if script == "exec sleep 20 >/dev/null 2>&1" {
			time.AfterFunc(100*time.Millisecond, cancel)
		}
		flags, _ := flagsFor(ctx, t, plugin(script), server)
		c, err := kube.Connect(flags)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Core.Secrets("shop").List(t.Context(), metav1.ListOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", script, err, want)
		}
		cancel()
	}
	if got := requests(); len(got) > 0 {
		t.Errorf("%d requests without credentials", len(got))
	}
}

// TestVerbosity raises -v above the level at which client-go logs bodies.
func TestVerbosity(t *testing.T) {
	server, _ := newServer(t, answer{body: secretList})
	request := func() string {
		var log bytes.Buffer
		klog.LogToStderr(false)
		klog.SetOutput(&log)
		flags, _ := flagsFor(t.Context(), t, "", server)
		c, err := kube.Connect(flags)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Core.Secrets("shop").List(t.Context(), metav1.ListOptions{}); err != nil {
			t.Fatal(err)
		}
		klog.Flush()
		return log.String()
	}
	v := kube.VerbosityFlag()
	t.Cleanup(func() { klog.SetOutput(os.Stderr); klog.LogToStderr(true); _ = v.Value.Set("0") })
	if text := request(); text != "" {
		t.Errorf("without -v: logged %s", text)
	}
	if err := v.Value.Set("10"); err != nil || v.Value.String() != "7" {
		t.Errorf("-v=10 sets %s, %v", v.Value, err)
	}
	if text := request(); !strings.Contains(text, "/api/v1/namespaces/shop/secrets") || strings.Contains(text, "SecretList") {
		t.Errorf("-v=10: logged %s", text)
	}
	if err := v.Value.Set("high"); err == nil {
		t.Error("-v=high is accepted")
	}
}
