package secretrefs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Find lists the workloads of a namespace, or of all for metav1.NamespaceAll, with one
// concurrent request per kind.
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

// note turns a missing permission into a note, so that the other kinds are still reported.
// It returns "" if the cluster does not have LeaderWorkerSets, even if the server denies
// access first.
func (c Clients) note(ctx context.Context, k kind, err error) (string, error) {
	switch {
	case err == nil:
		return "", nil
	case !apierrors.IsForbidden(err) && !apierrors.IsNotFound(err):
		return "", fmt.Errorf("cannot list %s: %w", k.GroupResource(), err)
	case k.name == leaderWorkerSetKind && (apierrors.IsNotFound(err) || !c.serves(ctx, k.GroupVersion())):
		return "", nil
	}
	resource := k.GroupResource().String()
	return fmt.Sprintf("cannot list %s: %s", resource, strings.TrimPrefix(err.Error(), resource+" is forbidden: ")), nil
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

// maxOwners limits the number of owners, which may be circular. A worker of a
// LeaderWorkerSet has four.
const maxOwners = 10

// of returns the topmost controller of w whose kind is listed. It identifies a controller
// that could not be listed by name. A part of a workload, such as a pod, may belong to a
// controller of any kind.
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
		group := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).Group
		part := w.Kind == podKind || w.Kind == replicaSetKind || w.Kind == jobKind
		if !part && !slices.ContainsFunc(o.kinds, func(k kind) bool { return k.name == ref.Kind && k.Group == group }) {
			break
		}
		return Consumer{Kind: ref.Kind, Name: ref.Name, Namespace: w.Namespace, group: group}
	}
	return w.Consumer
}
