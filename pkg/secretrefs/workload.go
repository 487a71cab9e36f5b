package secretrefs

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// workload is a listed object, reduced to what Find needs.
type workload struct {
	Consumer
	uid        types.UID
	controller *metav1.OwnerReference // nil without a controller
	idle       bool                   // it runs no pods, and will not start any by itself
	refs       []reference
}

// read sets the fields that differ between kinds.
func (w *workload) read(o runtime.Object) error {
	switch o := o.(type) {
	case *appsv1.Deployment:
		w.refs = references(&o.Spec.Template.Spec)
		if o.Spec.Paused {
			w.skipReason = fmt.Sprintf("it is paused; resume it with `%s`, then restart it", hint.Kubectl("rollout", "resume", w.String(), "-n", w.Namespace))
		}
	case *appsv1.StatefulSet:
		w.refs = references(&o.Spec.Template.Spec)
		w.onDelete(o.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType)
		if rolling := o.Spec.UpdateStrategy.RollingUpdate; rolling != nil && rolling.Partition != nil {
			w.partition = *rolling.Partition
		}
	case *appsv1.DaemonSet:
		w.refs = references(&o.Spec.Template.Spec)
		w.onDelete(o.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType)
	case *appsv1.ReplicaSet: // previous ones of a Deployment have 0 replicas
		w.refs = references(&o.Spec.Template.Spec)
		w.idle = w.controller != nil && o.Spec.Replicas != nil && *o.Spec.Replicas == 0
	case *batchv1.Job:
		w.refs = references(&o.Spec.Template.Spec)
		w.idle = podspec.JobEnded(o.Status)
	case *batchv1.CronJob:
		w.refs = references(&o.Spec.JobTemplate.Spec.Template.Spec)
	case *corev1.Pod:
		w.refs = references(&o.Spec)
		w.idle = o.DeletionTimestamp != nil
	case *corev1.ServiceAccount:
		w.readServiceAccount(o)
	case *unstructured.Unstructured:
		return w.readLeaderWorkerSet(o)
	}
	return nil
}

func (w *workload) onDelete(is bool) {
	if is {
		w.skipReason = "its update strategy is OnDelete; delete its pods to restart it"
	}
}

func (w *workload) readServiceAccount(sa *corev1.ServiceAccount) {
	for _, pull := range sa.ImagePullSecrets {
		w.refs = append(w.refs, reference{pull.Name, ImagePull})
	}
	for _, secret := range sa.Secrets {
		w.refs = append(w.refs, reference{secret.Name, Mountable})
	}
}

func (w *workload) readLeaderWorkerSet(o *unstructured.Unstructured) error {
	pods, err := podspec.Of(o)
	if err != nil {
		return err
	}
	for _, t := range pods.Templates {
		w.refs = append(w.refs, references(&t.Spec)...)
	}
	partition, _, err := unstructured.NestedInt64(o.Object, "spec", "rolloutStrategy", "rollingUpdateConfiguration", "partition")
	w.partition = int32(partition)
	return err
}
