package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// namespace is a new namespace, and a client for it.
type namespace struct {
	kubernetes.Interface
	kubeconfig, name string
}

func newNamespace(t *testing.T) namespace {
	t.Helper()
	c := sharedClient(t)
	ns, err := c.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // gives back the GPUs, among others
		if err := c.CoreV1().Namespaces().Delete(context.Background(), ns.Name, metav1.DeleteOptions{}); err != nil {
			t.Log(err)
		}
	})
	return namespace{c, os.Getenv(sharedKubeconfig), ns.Name}
}

// create creates a pod, once the namespace has its ServiceAccount.
func (n namespace) create(t *testing.T, spec corev1.PodSpec) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		_, err := n.CoreV1().Pods(n.name).Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: spec}, metav1.CreateOptions{})
		return err
	})
}

// reaches waits until the pod is as it should be.
func (n namespace) reaches(t *testing.T, what string, ok func(corev1.PodStatus) bool) corev1.PodStatus {
	t.Helper()
	var status corev1.PodStatus
	eventually(t, func(ctx context.Context) error {
		p, err := n.CoreV1().Pods(n.name).Get(ctx, "p", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if status = p.Status; !ok(status) {
			return fmt.Errorf("want %s, have %+v", what, status)
		}
		return nil
	})
	return status
}

func (n namespace) runs(t *testing.T) {
	t.Helper()
	n.reaches(t, "a running pod", func(s corev1.PodStatus) bool {
		return s.Phase == corev1.PodRunning && s.ContainerStatuses[0].Ready
	})
}

func (n namespace) waits(t *testing.T, reason, message string) {
	t.Helper()
	n.reaches(t, reason+": "+message, func(s corev1.PodStatus) bool {
		if len(s.ContainerStatuses) == 0 {
			return false
		}
		w := s.ContainerStatuses[0].State.Waiting
		return w != nil && w.Reason == reason && w.Message == message
	})
}

// tells waits for an event of the kubelet about the pod.
func (n namespace) tells(t *testing.T, reason, message string) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		events, err := n.CoreV1().Events(n.name).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=p"})
		if err != nil {
			return err
		}
		for _, e := range events.Items {
			if e.Reason == reason && e.Message == message && e.Type == corev1.EventTypeWarning &&
				e.Source.Component == "kubelet" && strings.HasPrefix(e.Source.Host, "gpu-node-") {
				return nil
			}
		}
		return fmt.Errorf("no event %s %q", reason, message)
	})
}

func (n namespace) giveSecret(t *testing.T, name, key string) {
	t.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: map[string]string{key: "value"}}
	if _, err := n.CoreV1().Secrets(n.name).Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func wantsSecret(name, key string) corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "app", Env: []corev1.EnvVar{{
		Name: "V", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key,
		}},
	}}}}}
}

func TestMissingSecret(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	n.create(t, wantsSecret("token", "key"))
	n.waits(t, "CreateContainerConfigError", `secret "token" not found`)
	n.tells(t, "Failed", `Error: secret "token" not found`)
	n.giveSecret(t, "token", "key")
	n.runs(t)
}

func TestMissingSecretKey(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	n.giveSecret(t, "token", "other")
	n.create(t, wantsSecret("token", "key"))
	message := "couldn't find key key in Secret " + n.name + "/token"
	n.waits(t, "CreateContainerConfigError", message)
	n.tells(t, "Failed", "Error: "+message)
}

func TestMissingSecretVolume(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	n.create(t, corev1.PodSpec{
		Containers: []corev1.Container{{Name: "c", Image: "app"}},
		Volumes:    []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "token"}}}},
	})
	n.waits(t, "ContainerCreating", "")
	n.tells(t, "FailedMount", `MountVolume.SetUp failed for volume "v" : secret "token" not found`)
	n.giveSecret(t, "token", "key")
	n.runs(t)
}

func TestMissingPullSecret(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	n.create(t, corev1.PodSpec{
		Containers:       []corev1.Container{{Name: "c", Image: "app"}},
		ImagePullSecrets: []corev1.LocalObjectReference{{Name: "registry"}},
	})
	n.tells(t, "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed.")
	n.runs(t)
}

func TestDeletedPodIsGone(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	n.create(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "app"}}})
	n.runs(t)
	if err := n.CoreV1().Pods(n.name).Delete(t.Context(), "p", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		if p, err := n.CoreV1().Pods(n.name).Get(ctx, "p", metav1.GetOptions{}); err == nil {
			return fmt.Errorf("still there: %+v", p.Status)
		}
		return nil
	})
}

func TestJobCompletes(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	pods := n.CoreV1().Pods(n.name)
	list, err := pods.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// A watch of its own is now and then ended by a server that has just started.
	w, err := watchtools.NewRetryWatcherWithContext(ctx, list.ResourceVersion, &cache.ListWatch{WatchFuncWithContext: pods.Watch})
	if err != nil {
		t.Fatal(err)
	}
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j"}, Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever,
		Containers:    []corev1.Container{{Name: "c", Image: "app"}},
	}}}}
	if _, err := n.BatchV1().Jobs(n.name).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var phases []corev1.PodPhase
	for e := range w.ResultChan() {
		pod, ok := e.Object.(*corev1.Pod)
		if !ok {
			t.Fatalf("watching pods: %v", e.Object)
		}
		phases = append(phases, pod.Status.Phase)
		if phases[len(phases)-1] == corev1.PodSucceeded {
			w.Stop()
		}
	}
	if got := slices.Compact(phases); !slices.Equal(got, []corev1.PodPhase{corev1.PodPending, corev1.PodRunning, corev1.PodSucceeded}) {
		t.Errorf("phases: %v", got)
	}
	eventually(t, func(ctx context.Context) error {
		j, err := n.BatchV1().Jobs(n.name).Get(ctx, "j", metav1.GetOptions{})
		if err == nil && j.Status.CompletionTime == nil {
			err = fmt.Errorf("not complete: %+v", j.Status)
		}
		return err
	})
}

// TestGPUsRunOut is the only test that asks for GPUs: of two nodes with eight
// each, four pods with four each leave none.
func TestGPUsRunOut(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	labels := map[string]string{"app": "d"}
	four := corev1.ResourceList{nvidiaGPU: resource.MustParse("4")}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "d"}, Spec: appsv1.DeploymentSpec{
		Replicas: new(int32(4)),
		Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "c", Image: "app", Resources: corev1.ResourceRequirements{Limits: four}}},
		}},
	}}
	if _, err := n.AppsV1().Deployments(n.name).Create(t.Context(), d, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		got, err := n.AppsV1().Deployments(n.name).Get(ctx, "d", metav1.GetOptions{})
		if err == nil && got.Status.AvailableReplicas != 4 {
			err = fmt.Errorf("not available: %+v", got.Status)
		}
		return err
	})
	n.create(t, d.Spec.Template.Spec)
	s := n.reaches(t, "a condition of the scheduler", func(s corev1.PodStatus) bool { return len(s.Conditions) > 0 })
	if m := s.Conditions[0].Message; s.Phase != corev1.PodPending || !strings.HasPrefix(m, "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.") {
		t.Errorf("%s: %s", s.Phase, m)
	}
}
