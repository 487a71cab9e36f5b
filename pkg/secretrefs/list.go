package secretrefs

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// chunk is the page size of lists. It is kubectl's default.
const chunk = 500

// Clients are the clients that this package needs.
type Clients struct {
	Kubernetes kubernetes.Interface
	Dynamic    dynamic.Interface // for LeaderWorkerSets, and to restart
}

// NewClients returns clients for config. They list in protobuf, which is faster than JSON
// for client and server.
func NewClients(config *rest.Config) (Clients, error) {
	typed := rest.CopyConfig(config)
	typed.ContentType = runtime.ContentTypeProtobuf
	typed.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	client, err := kubernetes.NewForConfig(typed)
	if err != nil {
		return Clients{}, err
	}
	generic, err := dynamic.NewForConfig(config)
	return Clients{Kubernetes: client, Dynamic: generic}, err
}

type lister func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error)

// kind is a kind of objects to list.
type kind struct {
	schema.GroupVersionResource
	name   string
	list   lister
	fields string // field selector
}

const (
	podKind             = "Pod"
	replicaSetKind      = "ReplicaSet"
	jobKind             = "Job"
	cronJobKind         = "CronJob"
	leaderWorkerSetKind = "LeaderWorkerSet"
)

var leaderWorkerSets = schema.GroupVersionResource{Group: "leaderworkerset.x-k8s.io", Version: "v1", Resource: "leaderworkersets"}

// kinds returns every kind that can refer to a Secret, or that owns or is owned by one
// that can.
func (c Clients) kinds(namespace string) []kind {
	apps, batch, core := c.Kubernetes.AppsV1(), c.Kubernetes.BatchV1(), c.Kubernetes.CoreV1()
	const alive = "status.phase!=Succeeded,status.phase!=Failed"
	return []kind{
		{appsv1.SchemeGroupVersion.WithResource("deployments"), "Deployment", typed(apps.Deployments(namespace).List), ""},
		{appsv1.SchemeGroupVersion.WithResource("statefulsets"), "StatefulSet", typed(apps.StatefulSets(namespace).List), ""},
		{appsv1.SchemeGroupVersion.WithResource("daemonsets"), "DaemonSet", typed(apps.DaemonSets(namespace).List), ""},
		{appsv1.SchemeGroupVersion.WithResource("replicasets"), replicaSetKind, typed(apps.ReplicaSets(namespace).List), ""},
		{batchv1.SchemeGroupVersion.WithResource("jobs"), jobKind, typed(batch.Jobs(namespace).List), ""},
		{batchv1.SchemeGroupVersion.WithResource("cronjobs"), cronJobKind, typed(batch.CronJobs(namespace).List), ""},
		{corev1.SchemeGroupVersion.WithResource("pods"), podKind, typed(core.Pods(namespace).List), alive},
		{corev1.SchemeGroupVersion.WithResource("serviceaccounts"), "ServiceAccount", typed(core.ServiceAccounts(namespace).List), ""},
		{leaderWorkerSets, leaderWorkerSetKind, typed(c.Dynamic.Resource(leaderWorkerSets).Namespace(namespace).List), ""},
	}
}

func typed[L runtime.Object](list func(context.Context, metav1.ListOptions) (L, error)) lister {
	return func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		return list(ctx, options)
	}
}

// workloads lists all objects of k. It keeps only the relevant fields of each page.
func (k kind) workloads(ctx context.Context) ([]workload, error) {
	var found []workload
	options := metav1.ListOptions{Limit: chunk, FieldSelector: k.fields}
	for {
		page, err := k.list(ctx, options)
		switch {
		case apierrors.IsResourceExpired(err) && options.Continue != "":
			// The continue token has expired: list again without pages.
			found, options.Continue, options.Limit = nil, "", 0
			continue
		case err != nil:
			return nil, err
		}
		err = meta.EachListItem(page, func(o runtime.Object) error {
			w, err := k.workload(o)
			found = append(found, w)
			return err
		})
		if err != nil {
			return nil, err
		}
		list, err := meta.ListAccessor(page)
		if err != nil || list.GetContinue() == "" {
			return found, err
		}
		options.Continue = list.GetContinue()
	}
}

func (k kind) workload(o runtime.Object) (workload, error) {
	object, err := meta.Accessor(o)
	if err != nil {
		return workload{}, err
	}
	w := workload{
		Consumer:   Consumer{Kind: k.name, group: k.Group, Name: object.GetName(), Namespace: object.GetNamespace()},
		uid:        object.GetUID(),
		controller: metav1.GetControllerOf(object),
	}
	return w, w.read(o)
}
