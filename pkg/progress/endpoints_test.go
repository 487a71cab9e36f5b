package progress

import (
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func TestPrintEndpoints(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*Endpoints{
		"": nil,
		"  In the cluster:  http://a.b\n  From outside:    pending; check that the cluster has a load balancer or gateway controller\n":                                                                                {Cluster: "http://a.b", Pending: true},
		"  In the cluster:  http://a.b\n  From outside:    https://c\n  From outside:    https://d\n  From here:       kubectl port-forward -n b svc/a 8000:80\n  Logs:            kubectl blueprint logs -n b a -f\n": {Cluster: "http://a.b", External: []string{"https://c", "https://d"}, PortForward: "kubectl port-forward -n b svc/a 8000:80", Logs: "kubectl blueprint logs -n b a -f"},
		"  In the cluster:  http://a\\nb\n": {Cluster: "http://a\nb"},
	} {
		var out strings.Builder
		if PrintEndpoints(&out, "  ", e); out.String() != want {
			t.Errorf("%+v:\n%swant\n%s", e, out.String(), want)
		}
	}
}

// TestURL prefers what works from outside.
func TestURL(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*Endpoints{
		"":          nil,
		"http://in": {Cluster: "http://in"},
		"pending":   {Cluster: "http://in", Pending: true},
		"http://ex": {Cluster: "http://in", External: []string{"http://ex", "http://ey"}},
	} {
		if got := e.URL(); got != want {
			t.Errorf("%+v: got %q, want %q", e, got, want)
		}
	}
}

// TestDeployedPrintsTheEndpointsOnStderr keeps stdout to the names of releases.
func TestDeployedPrintsTheEndpointsOnStderr(t *testing.T) {
	t.Parallel()
	streams, _, out, errOut := genericiooptions.NewTestIOStreams()
	p := New(streams, "")
	defer p.Close()
	if err := p.Deployed("web", &Endpoints{Cluster: "http://a"}); err != nil {
		t.Fatal(err)
	}
	if out.String() != "web deployed\n" || errOut.String() != "In the cluster:  http://a\n" {
		t.Errorf("stdout %q, stderr %q", out, errOut)
	}
}
