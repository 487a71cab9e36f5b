package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// bareCommand is the first argument that makes this program the contender
// which nobody can beat: client-go in a loop, nothing read, nothing reported.
const bareCommand = "bare"

// The actions of a payload.
const (
	actionCreate = "create"
	actionUpdate = "update"
	actionDelete = "delete"
)

// inFlight is how many requests the loop has under way, as many as secrets
// apply does.
const inFlight = 32

// runBare does what its arguments say: action, namespace, count, generation.
func runBare(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("usage: bench %s ACTION NAMESPACE COUNT GENERATION", bareCommand)
	}
	count, countErr := strconv.Atoi(args[2])
	generation, generationErr := strconv.Atoi(args[3])
	if err := errors.Join(countErr, generationErr); err != nil {
		return err
	}
	client, err := newClient(os.Getenv("BLUEPRINT_TEST_CLUSTER"))
	if err != nil {
		return err
	}
	return bareLoop(count, func(i int) error {
		return bareRequest(ctx, client.Secrets(args[1]), args[0], i, generation)
	})
}

// newConfig is set up as that of secrets apply.
func newConfig(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	return config, nil
}

// newClient returns a client for secrets.
func newClient(kubeconfig string) (*corev1client.CoreV1Client, error) {
	config, err := newConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	return corev1client.NewForConfig(config)
}

// bareLoop makes the requests and returns the first error, if any.
func bareLoop(count int, request func(i int) error) error {
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make(chan error, inFlight)
	for range inFlight {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				if err := request(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failed)
	return <-failed
}

func bareRequest(ctx context.Context, client corev1client.SecretInterface, action string, i, generation int) error {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: secretName(i)},
		Type:       corev1.SecretTypeOpaque,
		Data:       secretData(i, generation),
	}
	var err error
	switch action {
	case actionCreate:
		_, err = client.Create(ctx, secret, metav1.CreateOptions{})
	case actionUpdate:
		_, err = client.Update(ctx, secret, metav1.UpdateOptions{})
	case actionDelete:
		err = client.Delete(ctx, secret.Name, metav1.DeleteOptions{})
	default:
		err = fmt.Errorf("unknown action %q", action)
	}
	return err
}
