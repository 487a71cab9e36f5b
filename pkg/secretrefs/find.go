package secretrefs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Find lists the workloads of a namespace, or of all for metav1.NamespaceAll,
// with concurrent lists, one per kind. It returns an error if a list fails for
// a reason other than "forbidden" or "not found"; those become notes.
func Find(ctx context.Context, clients Clients, namespace string) (*Consumers, error) {
	kinds := clients.kinds(namespace)
	workloads, errs := make([][]workload, len(kinds)), make([]error, len(kinds))
	var lists sync.WaitGroup
	for i, k := range kinds {
		lists.Go(func() { workloads[i], errs[i] = k.workloads(ctx) })
	}
	lists.Wait()
	consumers := &Consumers{consumers: map[identity]*Consumer{}, kinds: map[types.NamespacedName]map[identity]map[RefKind]bool{}}
	for i, err := range errs {
		note, err := clients.note(ctx, kinds[i], err)
		switch {
		case err != nil:
			return nil, err
		case note != "":
			consumers.notes = append(consumers.notes, note)
		}
	}
	o := owners{kinds: kinds, byUID: map[types.UID]workload{}}
	all := slices.Concat(workloads...)
	for _, w := range all {
		o.byUID[w.uid] = w
	}
	for _, w := range all {
		if !w.idle {
			consumers.add(o.of(w), w)
		}
	}
	return consumers, nil
}

// note returns a line for a kind that cannot be listed, or err if that is neither
// "forbidden" nor "not found". A cluster that does not serve LeaderWorkerSets has
// none, so that is no note. The API server checks permissions before it looks for
// the API, so "forbidden" may hide a "not found".
func (c Clients) note(ctx context.Context, k kind, err error) (string, error) {
	switch {
	case err == nil:
		return "", nil
	case !apierrors.IsForbidden(err) && !apierrors.IsNotFound(err):
		return "", fmt.Errorf("listing %s: %w", k.GroupResource(), err)
	case k.name == leaderWorkerSetKind && (apierrors.IsNotFound(err) || !c.serves(ctx, k.GroupVersion())):
		return "", nil
	}
	resource := k.GroupResource().String()
	return fmt.Sprintf("can't list %s: %s", resource, strings.TrimPrefix(err.Error(), resource+" is forbidden: ")), nil
}

func (c Clients) serves(ctx context.Context, gv schema.GroupVersion) bool {
	err := c.Kubernetes.Discovery().RESTClient().Get().AbsPath("/apis", gv.Group, gv.Version).Do(ctx).Error()
	return !apierrors.IsNotFound(err)
}

// owners finds the consumer that an object belongs to.
type owners struct {
	kinds []kind
	byUID map[types.UID]workload
}

// maxOwners bounds the chain of owners in case it is circular. A worker of a
// LeaderWorkerSet has four.
const maxOwners = 10

// of follows the controllers of w as far as their kinds are listed, and returns
// the topmost. A controller that could not be listed is known by name only.
// Pods, ReplicaSets and Jobs count as part of their controller whatever its
// kind.
func (o owners) of(w workload) Consumer {
	for range maxOwners {
		ref := w.controller
		if ref == nil {
			break
		}
		if owner, ok := o.byUID[ref.UID]; ok {
			w = owner
			continue
		}
		group := groupOf(ref)
		part := w.Kind == podKind || w.Kind == replicaSetKind || w.Kind == jobKind
		if !part && !slices.ContainsFunc(o.kinds, func(k kind) bool { return k.name == ref.Kind && k.Group == group }) {
			break
		}
		return Consumer{Kind: ref.Kind, Name: ref.Name, Namespace: w.Namespace, group: group}
	}
	return w.Consumer
}

func groupOf(ref *metav1.OwnerReference) string {
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return ref.APIVersion
	}
	return gv.Group
}
