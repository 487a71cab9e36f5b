package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// errReported is the error of an operation that failed and was reported.
var errReported = errors.New("reported")

// payload returns a payload of the operations in text, and the client of its Secrets.
func payload(t *testing.T, c *kube.Cluster, text string) (*Payload, secrets.Client) {
	t.Helper()
	doc, err := source.Parse("payload.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	operations, err := secrets.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kube.SecretsClient(c.Getter)
	if err != nil {
		t.Fatal(err)
	}
	return &Payload{
		Batch:   secrets.NewBatch(client, c.Namespace, operations),
		Protect: func(context.Context, *secrets.Batch) error { return nil },
		Report: func(r secrets.Report) error {
			if !r.OK() {
				return errReported
			}
			return nil
		},
	}, client
}

// secret creates a Secret with one value.
func secret(t *testing.T, namespace, name, value string) *corev1.Secret {
	t.Helper()
	o := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{"k": []byte(value)}}
	created, err := kubetest.Client(t).CoreV1().Secrets(namespace).Create(t.Context(), o, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

const threeSecrets = `[{"name": "same", "action": "apply", "type": "opaque", "data": {"k": "old"}},
	{"name": "changed", "action": "update", "type": "opaque", "data": {"k": "new"}}, {"name": "added", "action": "create", "type": "opaque", "data": {"k": "new"}}]`

func TestPayload(t *testing.T) {
	t.Parallel()
	c := connect(t, kubetest.Namespace(t), "")
	secret(t, c.Namespace, "same", "old")
	secret(t, c.Namespace, "changed", "old")
	secret(t, c.Namespace, "other", "old")
	p, client := payload(t, c, threeSecrets)
	if err := p.check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(slices.Values(p.names())); !slices.Equal(got, []string{"added", "changed"}) {
		t.Errorf("the payload is going to change %q", got)
	}
	read := func(from interface {
		Get(context.Context, string, metav1.GetOptions) (*corev1.Secret, error)
	}, name string) string {
		found, err := from.Get(t.Context(), name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return "none"
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(found.Data["k"])
	}
	preview, live := p.preview(client).Secrets(c.Namespace), client.Secrets(c.Namespace)
	for name, want := range map[string][2]string{"same": {"old", "old"}, "changed": {"old", "new"}, "added": {"none", "new"}, "other": {"old", "old"}} {
		if before, after := read(live, name), read(preview, name); before != want[0] || after != want[1] {
			t.Errorf("%s: is %s and shown as %s, want %s and %s", name, before, after, want[0], want[1])
		}
	}
	if err := p.apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := read(live, "changed") + read(live, "added"); got != "newnew" {
		t.Errorf("got %s after the payload was applied", got)
	}
}

// TestPayloadIsRefused has operations that the server or the user's Secrets forbid.
func TestPayloadIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	secret(t, f.Cluster.Namespace, "taken", "old")
	const operations = `[{"name": "added", "action": "create", "type": "opaque", "data": {"k": "new"}}, {"name": "taken", "action": "create", "type": "opaque", "data": {"k": "new"}}]`
	f.Payload, _ = payload(t, f.Cluster, operations)
	all := read(t, f.Blueprint, recipe("a", ""))[0]
	if err := f.Prepare(t.Context(), all, PreflightOff, nil); !errors.Is(err, errReported) {
		t.Errorf("got %v, want the error of the report", err)
	}
	if all[0].Outcomes != nil || f.Payload.names() != nil {
		t.Errorf("went on with %v and %q", all[0].Outcomes, f.Payload.names())
	}
	if err := f.ApplyPayload(t.Context(), all); !errors.Is(err, errReported) || !strings.HasPrefix(err.Error(), "deployment aborted: ") {
		t.Errorf("got %v, want the error of the report", err)
	}
	inUse := errors.New("in use")
	f.Payload.Protect = func(context.Context, *secrets.Batch) error { return inUse }
	if err := f.Prepare(t.Context(), all, PreflightOff, nil); !errors.Is(err, inUse) {
		t.Errorf("got %v, want that of Protect", err)
	}
}

func TestNoPayload(t *testing.T) {
	t.Parallel()
	c := connect(t, kubetest.Namespace(t), "")
	client, err := kube.SecretsClient(c.Getter)
	if err != nil {
		t.Fatal(err)
	}
	var p *Payload
	if err := p.check(t.Context()); err != nil || p.names() != nil || p.preview(client) != client {
		t.Errorf("got %v, %q and another client", err, p.names())
	}
	if err := (&Deployer{}).ApplyPayload(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
