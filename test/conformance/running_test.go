package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// patience bounds the wait for one sample. It is far more than it takes.
const patience = 2 * time.Minute

// TestEverySampleRuns installs each sample in a namespace of its own, on nodes
// that have what it asks for, and waits until all its workloads have their pods
// running or, those of Jobs, done.
func TestEverySampleRuns(t *testing.T) {
	t.Parallel()
	kubetest.Controllers(t)
	all := samples(t)
	teams := teamsOf(all)
	for _, s := range all {
		if !s.workloads() {
			continue
		}
		t.Run(s.folder+"/"+s.name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, teams)
			p.provide(t, s.objects)
			for _, o := range s.objects {
				if err := p.objects.Create(t.Context(), o.DeepCopy(), metav1.CreateOptions{}); err != nil {
					t.Fatalf("%s: %v", title(o), err)
				}
			}
			p.watched(t, s.objects)
			for _, o := range s.objects {
				if runs(o) {
					p.awaits(t, o)
				}
			}
		})
	}
}

// awaits waits until the workload runs, or, where it must not, is left waiting.
func (p *platform) awaits(t *testing.T, workload *unstructured.Unstructured) {
	t.Helper()
	check := p.running
	if p.overQuota(workload) {
		check = p.pending
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := check(ctx, workload)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v\n%s", title(workload), err, p.pods(t))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// running returns no error once all pods of the workload do their work.
func (p *platform) running(ctx context.Context, workload *unstructured.Unstructured) error {
	live, err := p.objects.Get(ctx, workload)
	if err != nil {
		return err
	}
	number := func(path ...string) int64 {
		n, _, _ := unstructured.NestedInt64(live.Object, path...)
		return n
	}
	switch live.GetKind() {
	case "Job":
		if want := number("spec", "completions"); number("status", "succeeded") < want {
			return fmt.Errorf("%d of %d pods have succeeded", number("status", "succeeded"), want)
		}
		return nil
	case "Deployment":
		if number("status", "observedGeneration") < live.GetGeneration() {
			return errors.New("not seen by its controller")
		}
	}
	want, ready := number("spec", "replicas"), number("status", "readyReplicas")
	if ready != want || number("status", "updatedReplicas") != want {
		return fmt.Errorf("%d of %d replicas are ready", ready, want)
	}
	return nil
}

// pending returns no error once Kueue has looked at the Job and left it
// suspended for its quota.
func (p *platform) pending(ctx context.Context, job *unstructured.Unstructured) error {
	events, err := p.client.CoreV1().Events(p.namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=Pending"})
	if err != nil {
		return err
	}
	if len(events.Items) == 0 {
		return errors.New("not told to be pending")
	}
	live, err := p.client.BatchV1().Jobs(p.namespace).Get(ctx, job.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	if suspended(live) {
		return nil
	}
	return errors.New("admitted over its quota")
}

func suspended(job *batchv1.Job) bool { return job.Spec.Suspend != nil && *job.Spec.Suspend }

// pods tells how the pods of the namespace do, for whoever reads a failure.
func (p *platform) pods(t *testing.T) string {
	t.Helper()
	list, err := p.client.CoreV1().Pods(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		return err.Error()
	}
	text := ""
	for _, pod := range list.Items {
		text += fmt.Sprintf("%s: %s\n", pod.Name, pod.Status.Phase)
		for _, c := range pod.Status.Conditions {
			if c.Status != corev1.ConditionTrue {
				text += fmt.Sprintf("  %s: %s: %s\n", c.Type, c.Reason, c.Message)
			}
		}
	}
	events, err := p.client.CoreV1().Events(p.namespace).List(context.Background(), metav1.ListOptions{})
	if err == nil {
		for _, e := range events.Items {
			text += fmt.Sprintf("%s/%s: %s: %s\n", e.InvolvedObject.Kind, e.InvolvedObject.Name, e.Reason, e.Message)
		}
	}
	return text
}
