package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
)

// cluster is the namespace that the contenders work in.
type cluster struct {
	client    *corev1client.CoreV1Client
	apps      *appsv1client.AppsV1Client
	namespace string
	versions  map[string]string // resourceVersion by name, at the last snapshot
}

// newCluster names a namespace that open creates.
func newCluster() *cluster { return &cluster{namespace: fmt.Sprintf("bench-%d", os.Getpid())} }

func (c *cluster) open(ctx context.Context, kubeconfig string) (err error) {
	if kubeconfig == "" {
		return errors.New("no test cluster: run make bench, or bin/cluster -- go run ./test/bench")
	}
	config, err := newConfig(kubeconfig)
	if err != nil {
		return err
	}
	if c.client, err = corev1client.NewForConfig(config); err != nil {
		return err
	}
	if c.apps, err = appsv1client.NewForConfig(config); err != nil {
		return err
	}
	_, err = c.client.Namespaces().Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.namespace}}, metav1.CreateOptions{})
	return err
}

// remove removes the namespace, also after an interrupt.
func (c *cluster) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := c.client.Namespaces().Delete(ctx, c.namespace, metav1.DeleteOptions{}); err != nil {
		fmt.Fprintln(os.Stderr, "bench: removing the namespace:", err)
	}
}

// clear removes all secrets and returns once they are gone.
func (c *cluster) clear(ctx context.Context) error {
	if err := c.client.Secrets(c.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		return err
	}
	return c.check(ctx, 0, 0)
}

// check fails unless there are as many secrets as wanted, with the values of
// the generation.
func (c *cluster) check(ctx context.Context, count, generation int) error {
	found, wrong := 0, 0
	err := c.each(ctx, func(s *corev1.Secret) {
		var i int
		_, err := fmt.Sscanf(s.Name, "bench-%d", &i)
		if err != nil || !maps.EqualFunc(s.Data, secretData(i, generation), bytes.Equal) {
			wrong++
		}
		found++
	})
	switch {
	case err != nil:
		return err
	case found != count:
		return fmt.Errorf("there are %d secrets: want %d", found, count)
	case wrong > 0:
		return fmt.Errorf("%d of %d secrets have other values than they should", wrong, count)
	}
	return nil
}

// snapshot remembers the versions of the secrets, for untouched.
func (c *cluster) snapshot(ctx context.Context) error {
	c.versions = map[string]string{}
	return c.each(ctx, func(s *corev1.Secret) { c.versions[s.Name] = s.ResourceVersion })
}

// untouched fails if a secret was written since the snapshot.
func (c *cluster) untouched(ctx context.Context) error {
	before := c.versions
	if err := c.snapshot(ctx); err != nil {
		return err
	}
	if !maps.Equal(before, c.versions) {
		return errors.New("secrets were written that should have been left as they were")
	}
	return nil
}

// each visits all secrets in small pages, for the sake of this process's own
// RSS.
func (c *cluster) each(ctx context.Context, visit func(*corev1.Secret)) error {
	options := metav1.ListOptions{Limit: 100}
	for {
		page, err := c.client.Secrets(c.namespace).List(ctx, options)
		if err != nil {
			return err
		}
		for i := range page.Items {
			visit(&page.Items[i])
		}
		if options.Continue = page.Continue; options.Continue == "" {
			return nil
		}
	}
}
