package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// clearWorkloads removes what was deployed, its releases included, and returns
// once no pod is left.
func (c *cluster) clearWorkloads(ctx context.Context) error {
	background := metav1.DeletePropagationBackground
	options := metav1.DeleteOptions{PropagationPolicy: &background}
	if err := c.apps.Deployments(c.namespace).DeleteCollection(ctx, options, metav1.ListOptions{}); err != nil {
		return err
	}
	services, err := c.client.Services(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for i := range services.Items {
		if err := c.client.Services(c.namespace).Delete(ctx, services.Items[i].Name, options); err != nil {
			return err
		}
	}
	if err := c.clear(ctx); err != nil {
		return err
	}
	for {
		pods, err := c.client.Pods(c.namespace).List(ctx, metav1.ListOptions{})
		if err != nil || len(pods.Items) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// running fails unless as many pods run as are wanted.
func (c *cluster) running(ctx context.Context, count int) error {
	pods, err := c.client.Pods(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	found := 0
	for i := range pods.Items {
		if pods.Items[i].Status.Phase == corev1.PodRunning {
			found++
		}
	}
	if found != count {
		return fmt.Errorf("%d pods run: want %d", found, count)
	}
	return nil
}
