package secrets

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// logOf returns what klog writes at a verbosity while run runs. It changes
// what is global in klog, so no parallel test may call it.
func logOf(t *testing.T, verbosity string, run func()) string {
	t.Helper()
	defer klog.CaptureState().Restore()
	flags := flag.NewFlagSet("", flag.PanicOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"v": verbosity, "logtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	var log lockedBuffer
	klog.SetOutput(&log)
	run()
	klog.Flush()
	return log.String()
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// everything goes through all that makes requests and returns all that it
// says.
func everything(t *testing.T, c cluster) string {
	t.Helper()
	var said strings.Builder
	say := func(things ...any) { fmt.Fprintf(&said, "%v %+v %#v %s\n", things, things, things, things) }
	for _, as := range []cluster{c, c.as(func(config *rest.Config) { config.Impersonate.UserName = "nobody" }), c.as(nowhere)} {
		for _, file := range []string{"create.json", "create.json", "update.json", "rotate.yaml", "registries.yaml", "registries.yaml", "delete.json", "delete.json"} {
			batch := NewBatch(as.client, c.namespace, parseFile(t, filepath.Join("../../testdata/payloads", file)))
			batch.Recreate = true
			results, err := batch.Check(t.Context())
			say(batch.ops, batch, results, err, batch.DryRun(), batch.Manifests(), batch)
			results, err = batch.Apply(t.Context())
			say(NewReport(results), err, batch)
			entries, err := List(t.Context(), as.client, c.namespace, "")
			say(entries, err)
			entry, err := Get(t.Context(), as.client, c.namespace, "ngc-secret")
			say(entry, err)
		}
	}
	return said.String()
}

// TestNothingSaysAValue is not parallel because of logOf.
func TestNothingSaysAValue(t *testing.T) {
	for _, contentType := range []string{"application/json", "application/vnd.kubernetes.protobuf"} {
		for _, verbosity := range []string{"0", "8", "9", "10"} {
			t.Run(contentType+" "+verbosity, func(t *testing.T) {
				c, said := newCluster(t), ""
				log := logOf(t, verbosity, func() {
					// The client asks for the verbosity when it is made.
					c := c.as(func(config *rest.Config) { config.ContentType = contentType })
					said = everything(t, c)
				})
				wantNoCanary(t, "what is returned", said)
				wantNoCanary(t, "the log", log)
				for _, trace := range []string{"Body", "stringData"} {
					if strings.Contains(log, trace) {
						t.Errorf("the log has %q", trace)
					}
				}
				if !strings.Contains(said, "created successfully") || !strings.Contains(said, "AlreadyExists") || !strings.Contains(said, "Forbidden") {
					t.Error("not everything was tried: this tests nothing")
				}
				if verbosity != "0" && !strings.Contains(log, c.namespace+"/secrets/ngc-secret") {
					t.Error("the log has no requests: this tests nothing")
				}
			})
		}
	}
}

// TestClientGoSaysValues shows that the test above looks for what is there
// without quiet. It is not parallel because of logOf.
func TestClientGoSaysValues(t *testing.T) {
	for verbosity, want := range map[string]bool{"7": false, "8": true, "10": true} {
		c := newCluster(t)
		log := logOf(t, verbosity, func() {
			c := c.as(func(config *rest.Config) { config.ContentType = "application/json" })
			_, err := c.client.Secrets(c.namespace).Create(t.Context(),
				&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string][]byte{"k": []byte(canary)}}, metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
		})
		if got := strings.Contains(log, base64.StdEncoding.EncodeToString([]byte(canary))) && strings.Contains(log, "Body"); got != want {
			t.Errorf("-v=%s: the log has the value: %t, want %t", verbosity, got, want)
		}
	}
}

// TestQuietKeepsTheLoggersWays looks at what a logger loses with its bodies.
func TestQuietKeepsTheLoggersWays(t *testing.T) {
	log := logOf(t, "10", func() {
		logger := klog.FromContext(redact.WithoutBodyLogging(context.Background())).WithName("n").WithValues("k", "v")
		logger.V(7).Info("seven")
		logger.V(8).Info("eight")
		logger.V(3).V(5).Info("three and five")
		logger.Error(http.ErrBodyNotAllowed, "error")
		if logger.V(8).Enabled() || !logger.V(7).Enabled() {
			t.Error("quiet isn't up to 7")
		}
	})
	for text, want := range map[string]bool{
		"seven": true, "error": true, "eight": false, "three and five": false,
		`k="v"`: true, "quiet_test.go:": true, "redact/log.go": false,
	} {
		if got := strings.Contains(log, text); got != want {
			t.Errorf("the log has %q: %t, want %t:\n%s", text, got, want, log)
		}
	}
	if logger := klog.FromContext(redact.WithoutBodyLogging(klog.NewContext(context.Background(), klog.Logger{}))); logger.Enabled() {
		t.Error("quiet makes a silent logger speak")
	}
}
