package cmd

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secretrefs"
)

// hideValues removes from a failure the values of the Secrets that the pod reads:
// a program may log them as it ends, and a probe may print them. Values that the
// user may not read are not known.
func (c *cluster) hideValues(ctx context.Context, f *rollout.Failure) {
	if f.Pod == nil {
		return
	}
	// The watch may have ended because its time is up; this is for what comes after.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	client := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "secrets"}).Namespace(c.namespace)
	var known []*unstructured.Unstructured
	for _, name := range secretrefs.SecretNames(f.Pod) {
		if secret, err := client.Get(ctx, name, metav1.GetOptions{}); err == nil {
			known = append(known, secret)
		}
	}
	values := redact.ForObjects(known...)
	f.Message = values.Text(f.Message)
	for i, s := range f.Unfinished {
		f.Unfinished[i].Message = values.Text(s.Message)
	}
	for i, e := range f.Details {
		f.Details[i].Lines = values.Lines(e.Lines)
	}
}
