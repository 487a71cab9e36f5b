// Package secretrefs finds the workloads that refer to a Secret, and restarts those that
// read it only at their start.
//
//	Find → Consumers ─ConsumersOf(secret)→ []Consumer ─Restart→ []RestartResult
//
// It lists pod templates, pods and ServiceAccounts, one request per kind, and never a
// Secret. It reports the controller in place of an object that a controller created: for
// a pod of a Deployment, the Deployment. It also lists pods, because admission adds
// references to them (pull secrets of the ServiceAccount, injected containers) and
// because pods of an earlier template may still run. Workloads that have ended or that
// their owner has scaled to zero use no Secrets.
//
// A kind that the user may not list becomes a note. The list of consumers may then be
// incomplete, so a caller that protects a Secret must show the notes.
package secretrefs

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// RefKind is the kind of a reference to a Secret. It decides when a new value reaches the
// consumer.
type RefKind string

// The kinds of references.
const (
	Env           RefKind = "env"             // environment of a container, set at startup
	VolumeAtStart RefKind = "volume at start" // files that are never refreshed: with subPath, or only in init containers
	Storage       RefKind = "storage"         // credentials of a storage driver, read when the volume is mounted
	Volume        RefKind = "volume"          // files that the kubelet refreshes
	ImagePull     RefKind = "image pull"      // credentials, read when an image is pulled
	Mountable     RefKind = "mountable"       // listed in secrets of a ServiceAccount
)

func (k RefKind) readAtStart() bool { return k == Env || k == VolumeAtStart || k == Storage }

// Consumer is a workload, a pod without a controller or a ServiceAccount that
// refers to a Secret.
type Consumer struct {
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	Namespace string    `json:"namespace"`
	RefKinds  []RefKind `json:"references"` // distinct, in alphabetical order
	Pods      int       `json:"pods"`       // number of running pods; 0 if pods cannot be listed

	group      string
	skipReason string // why changing its template does not restart it, and what does
	partition  int32  // the first pod that changing its template restarts
}

// String returns the name as kubectl prints it: deployment.apps/web.
func (u Consumer) String() string {
	return objref.NameID(schema.GroupKind{Group: u.group, Kind: u.Kind}, u.Name)
}

// NeedsRestart reports whether u reads the Secret only at startup, so that it uses the old
// value until it is restarted.
func (u Consumer) NeedsRestart() bool { return slices.ContainsFunc(u.RefKinds, RefKind.readAtStart) }

// Names returns the names of consumers, separated by commas.
func Names(consumers []Consumer) string {
	names := make([]string, len(consumers))
	for i, c := range consumers {
		names[i] = c.String()
	}
	return strings.Join(names, ", ")
}

// Stale returns the consumers that use the old value of a Secret until they restart. A
// CronJob between two runs is not among them, because its next run uses the new value.
func Stale(consumers []Consumer) []Consumer {
	return slices.DeleteFunc(slices.Clone(consumers), func(c Consumer) bool {
		return !c.NeedsRestart() || c.Kind == cronJobKind && c.Pods == 0
	})
}

// identity identifies a consumer.
type identity struct{ group, kind, namespace, name string }

func (u Consumer) identity() identity { return identity{u.group, u.Kind, u.Namespace, u.Name} }

// Consumers holds the consumers of the Secrets of a namespace, or of all namespaces.
type Consumers struct {
	consumers map[identity]*Consumer
	kinds     map[types.NamespacedName]map[identity]map[RefKind]bool
	notes     []string
}

// ConsumersOf returns the consumers of the Secrets with these names in a namespace, each
// once, in the order of kind and name.
func (u *Consumers) ConsumersOf(namespace string, secrets ...string) []Consumer {
	merged := map[identity]map[RefKind]bool{}
	for _, secret := range secrets {
		for id, kinds := range u.kinds[types.NamespacedName{Namespace: namespace, Name: secret}] {
			if merged[id] == nil {
				merged[id] = map[RefKind]bool{}
			}
			maps.Copy(merged[id], kinds)
		}
	}
	found := make([]Consumer, 0, len(merged))
	for id, kinds := range merged {
		consumer := *u.consumers[id]
		consumer.RefKinds = slices.Sorted(maps.Keys(kinds))
		found = append(found, consumer)
	}
	slices.SortFunc(found, func(a, b Consumer) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.group, b.group))
	})
	return found
}

// InUse returns the names of consumers by the name of the Secret, for Secrets that have
// any.
func (u *Consumers) InUse(namespace string, secrets []string) map[string]string {
	inUse := map[string]string{}
	for _, secret := range secrets {
		if by := u.ConsumersOf(namespace, secret); len(by) > 0 {
			inUse[secret] = Names(by)
		}
	}
	return inUse
}

// Notes returns one line for each kind that could not be listed.
func (u *Consumers) Notes() []string { return u.notes }

// add records w and its references under the consumer that it belongs to.
func (u *Consumers) add(consumer Consumer, w workload) {
	id := consumer.identity()
	if u.consumers[id] == nil {
		u.consumers[id] = &consumer
	}
	if w.Kind == podKind {
		u.consumers[id].Pods++
	}
	for _, ref := range w.refs {
		secret := types.NamespacedName{Namespace: w.Namespace, Name: ref.secret}
		if u.kinds[secret] == nil {
			u.kinds[secret] = map[identity]map[RefKind]bool{}
		}
		if u.kinds[secret][id] == nil {
			u.kinds[secret][id] = map[RefKind]bool{}
		}
		u.kinds[secret][id][ref.refKind] = true
	}
}
