package ask

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubectl/pkg/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

// target is the pod that answers, and the port of its server.
type target struct {
	cluster *kube.Cluster
	release string
	service string
	pod     *corev1.Pod
	port    int32
}

// findTarget returns a ready pod of the first Service of a release.
func findTarget(ctx context.Context, c *kube.Cluster, release string, objects []*unstructured.Unstructured) (*target, error) {
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Service" && o.GetAPIVersion() == "v1" })
	if i < 0 {
		err := fmt.Errorf("%s has no Service, so it cannot answer", release)
		return nil, hint.Run(err, "print its logs instead", hint.Blueprint("logs", "-n", c.Namespace, release))
	}
	var service corev1.Service
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(objects[i].Object, &service); err != nil {
		return nil, fmt.Errorf("%s: invalid Service: %w", release, err)
	}
	if len(service.Spec.Ports) == 0 || len(service.Spec.Selector) == 0 {
		return nil, fmt.Errorf("%s: service/%s has no ports or no selector", release, service.Name)
	}
	pods, err := c.Core.Pods(c.Namespace).List(ctx, metav1.ListOptions{LabelSelector: labels.SelectorFromSet(service.Spec.Selector).String()})
	if err != nil {
		return nil, err
	}
	i = slices.IndexFunc(pods.Items, isReady)
	if i < 0 {
		err := fmt.Errorf("%s: no pod is ready", release)
		return nil, hint.Run(err, "show the reason", hint.Blueprint("status", "-n", c.Namespace, release))
	}
	pod := &pods.Items[i]
	port, err := util.LookupContainerPortNumberByServicePort(service, *pod, service.Spec.Ports[0].Port)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", release, err)
	}
	return &target{c, release, service.Name, pod, port}, nil
}

// isReady reports whether a pod receives requests.
func isReady(pod corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// unreachable returns the error of a pod that does not accept connections.
func (t *target) unreachable(err error) error {
	if strings.Contains(err.Error(), "connection refused") {
		err = fmt.Errorf("%s: nothing listens on port %d of pod/%s", t.release, t.port, t.pod.Name)
	} else {
		err = fmt.Errorf("%s: cannot connect to port %d of pod/%s: %w", t.release, t.port, t.pod.Name, err)
	}
	return hint.Run(err, "check the logs", hint.Blueprint("logs", "-n", t.cluster.Namespace, t.release))
}

// otherAPI returns the error of a server without the OpenAI API.
func (t *target) otherAPI(path string) error {
	err := fmt.Errorf("%s does not serve an OpenAI-compatible API (no %s)", t.release, path)
	forward := hint.Kubectl("port-forward", "-n", t.cluster.Namespace, "pod/"+t.pod.Name, fmt.Sprintf(":%d", t.port))
	return hint.Run(err, "forward a local port to use another API", forward)
}
