package release

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// removeFailedJobs removes the Jobs among objects that have failed, so that they
// run again: Helm would leave them as they are, and a Job never runs twice.
func (c *Client) removeFailedJobs(ctx context.Context, objects []*unstructured.Unstructured) error {
	client, err := c.config.KubernetesClientSet()
	if err != nil {
		return err
	}
	jobs := client.BatchV1().Jobs(c.namespace)
	for _, o := range objects {
		if o.GroupVersionKind() != batchv1.SchemeGroupVersion.WithKind("Job") {
			continue
		}
		live, err := jobs.Get(ctx, o.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if !failed(live) {
			continue
		}
		c.Say("job/%s failed before: it is removed and runs again", live.Name)
		background := metav1.DeletePropagationBackground
		if err := jobs.Delete(ctx, live.Name, metav1.DeleteOptions{PropagationPolicy: &background}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
		if err := c.gone(ctx, func() error { _, err := jobs.Get(ctx, live.Name, metav1.GetOptions{}); return err }); err != nil {
			return err
		}
	}
	return nil
}

func failed(job *batchv1.Job) bool {
	for _, condition := range job.Status.Conditions {
		if condition.Type == batchv1.JobFailed && condition.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

// gone waits until get says that there is nothing.
func (c *Client) gone(ctx context.Context, get func() error) error {
	for {
		err := get()
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
