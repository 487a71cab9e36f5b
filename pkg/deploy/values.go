package deploy

import (
	"context"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// releaseValues redacts the values of a release's Secrets in what the cluster reports
// about it: programs log what they read, and probes print it. Values that the
// user may not read are unknown. Several goroutines may share it.
type releaseValues struct {
	cluster *kube.Cluster
	objects []*unstructured.Unstructured

	mu       sync.Mutex
	read     map[string]bool // names of Secrets that were asked for
	since    time.Time       // of the first request for one of them
	secrets  []*unstructured.Unstructured
	redactor *redact.Redactor // of secrets
}

// valuesOf returns the values of a release. It sends no request before there is
// text to redact.
func valuesOf(c *kube.Cluster, objects []*unstructured.Unstructured) *releaseValues {
	v := &releaseValues{cluster: c, objects: objects, read: map[string]bool{}}
	for _, o := range objects {
		if redact.IsSecret(o) {
			v.secrets = append(v.secrets, o)
		}
	}
	v.redactor = redact.ForObjects(v.secrets...)
	return v
}

// fresh is load with values that were read at most age ago. Previous values are still
// redacted.
func (v *releaseValues) fresh(ctx context.Context, age time.Duration, more ...string) *redact.Redactor {
	v.mu.Lock()
	if time.Since(v.since) >= age {
		clear(v.read)
		v.since = time.Now()
	}
	v.mu.Unlock()
	return v.load(ctx, more...)
}

// load returns a Redactor for the Secrets that the release's pods read, and for
// those of more names. It reads each Secret once.
func (v *releaseValues) load(ctx context.Context, more ...string) *redact.Redactor {
	// The watch may have ended with a timeout; its failure is redacted afterwards.
	ctx, cancel := context.WithTimeout(redact.WithoutBodyLogging(context.WithoutCancel(ctx)), 5*time.Second)
	defer cancel()
	v.mu.Lock()
	defer v.mu.Unlock()
	names, err := podspec.SecretsRead(v.objects)
	if err != nil { // the server took the objects, so pods can be read out of them
		names = nil
	}
	before := len(v.secrets)
	client := v.cluster.Dynamic.Resource(corev1.SchemeGroupVersion.WithResource("secrets")).Namespace(v.cluster.Namespace)
	for _, name := range slices.Concat(names, more) {
		if v.read[name] {
			continue
		}
		v.read[name] = true
		if secret, err := client.Get(ctx, name, metav1.GetOptions{}); err == nil && !v.has(secret) {
			v.secrets = append(v.secrets, secret)
		}
	}
	if len(v.secrets) > before {
		v.redactor = redact.ForObjects(v.secrets...)
	}
	return v.redactor
}

// has reports whether a version of a Secret was read already.
func (v *releaseValues) has(secret *unstructured.Unstructured) bool {
	return slices.ContainsFunc(v.secrets, func(s *unstructured.Unstructured) bool {
		return s.GetUID() == secret.GetUID() && s.GetResourceVersion() == secret.GetResourceVersion()
	})
}

// status redacts the message of a container. Messages about other objects are
// those of controllers, which see no values.
func (v *releaseValues) status(ctx context.Context, s rollout.Status) rollout.Status {
	if s.Container != "" && s.Message != "" {
		s.Message = v.load(ctx).Text(s.Message)
	}
	return s
}

// tree redacts the messages of a release's containers.
func (v *releaseValues) tree(ctx context.Context, tree []rollout.Status) []rollout.Status {
	tree = slices.Clone(tree)
	for i, s := range tree {
		tree[i] = v.status(ctx, s)
	}
	return tree
}

// lines redacts lines of a pod's log.
func (v *releaseValues) lines(ctx context.Context, pod *corev1.PodSpec, lines []string) []string {
	return v.load(ctx, podspec.SecretNames(pod)...).Lines(lines)
}

// failure redacts a failure.
func (v *releaseValues) failure(ctx context.Context, f *rollout.Failure) {
	var read []string
	if f.Pod != nil { // which has what admission added
		read = podspec.SecretNames(f.Pod)
	}
	values := v.load(ctx, read...)
	f.Message = values.Text(f.Message)
	for i, s := range f.Unfinished {
		f.Unfinished[i].Message = values.Text(s.Message)
	}
	for i, e := range f.Details {
		f.Details[i].Lines = values.Lines(e.Lines)
	}
}

// observer returns an observer that redacts what it passes on.
func (v *releaseValues) observer(ctx context.Context, next rollout.Observer) rollout.Observer {
	return redactingObserver{v, ctx, next}
}

type redactingObserver struct {
	values *releaseValues
	ctx    context.Context // Observer passes none
	next   rollout.Observer
}

func (o redactingObserver) Change(c rollout.Change) {
	c.Status = o.values.status(o.ctx, c.Status)
	o.next.Change(c)
}

func (o redactingObserver) Tree(tree []rollout.Status) { o.next.Tree(o.values.tree(o.ctx, tree)) }
