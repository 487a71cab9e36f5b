// Package secretrefs finds the workloads that refer to a Secret and restarts
// those that read it only when they start:
//
//	Find → Consumers ─ConsumersOf(secret)→ []Consumer ─Restart→ []RestartResult
//
// It owns the list of ways in which a pod can refer to a Secret (RefKind) and
// the rule for when a new value reaches the pod. It lists pod templates, pods
// and ServiceAccounts, one list per kind, and never reads a Secret. An object
// that has a controller is reported as that controller: a pod of a Deployment
// is the Deployment. Pods are listed in addition to templates because admission
// adds references (a ServiceAccount's pull secrets, injected containers) and
// because pods of an earlier template may still run. Completed workloads, and
// those that their owner scaled to zero, are left out.
//
// Kinds that the user may not list become notes. The result is then incomplete,
// and a caller that protects Secrets must show the notes.
package secretrefs

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
)

// RefKind is how a workload refers to a Secret. It decides when a new value
// reaches the workload.
type RefKind string

// The kinds of reference.
const (
	Env           RefKind = "env"             // a container's environment, set when it starts
	VolumeAtStart RefKind = "volume at start" // files that are never refreshed: subPath, or of init containers only
	Storage       RefKind = "storage"         // a storage driver's credentials, read when the volume is mounted
	Volume        RefKind = "volume"          // files that the kubelet refreshes
	ImagePull     RefKind = "image pull"      // credentials, read when an image is pulled
	Mountable     RefKind = "mountable"       // in the list "secrets" of a ServiceAccount
)

func (h RefKind) readAtStart() bool { return h == Env || h == VolumeAtStart || h == Storage }

// Consumer is a workload, a pod without a controller or a ServiceAccount that
// refers to a Secret.
type Consumer struct {
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	Namespace string    `json:"namespace"`
	RefKinds  []RefKind `json:"how"`  // distinct, in alphabetical order
	Pods      int       `json:"pods"` // that have not ended; 0 also if pods cannot be listed

	group      string
	skipReason string // why changing its template restarts nothing, and what to do instead
	partition  int32  // ordinal of the first pod that a template change restarts
}

// String returns the kind and the name, such as deployment/web.
func (c Consumer) String() string { return strings.ToLower(c.Kind) + "/" + c.Name }

// NeedsRestart reports whether c reads the Secret only when it starts, so that
// it keeps the old value until it is restarted.
func (c Consumer) NeedsRestart() bool { return slices.ContainsFunc(c.RefKinds, RefKind.readAtStart) }

// identity identifies a Consumer.
type identity struct{ group, refKind, namespace, name string }

func (c Consumer) identity() identity { return identity{c.group, c.Kind, c.Namespace, c.Name} }

// Consumers holds all references to the Secrets of one namespace, or of all.
type Consumers struct {
	consumers map[identity]*Consumer
	kinds     map[types.NamespacedName]map[identity]map[RefKind]bool
	notes     []string
}

// ConsumersOf returns the consumers of any of the named Secrets in a namespace,
// each once, sorted by kind and name.
func (c *Consumers) ConsumersOf(namespace string, secrets ...string) []Consumer {
	merged := map[identity]map[RefKind]bool{}
	for _, secret := range secrets {
		for id, kinds := range c.kinds[types.NamespacedName{Namespace: namespace, Name: secret}] {
			if merged[id] == nil {
				merged[id] = map[RefKind]bool{}
			}
			maps.Copy(merged[id], kinds)
		}
	}
	found := make([]Consumer, 0, len(merged))
	for id, kinds := range merged {
		consumer := *c.consumers[id]
		consumer.RefKinds = slices.Sorted(maps.Keys(kinds))
		found = append(found, consumer)
	}
	slices.SortFunc(found, func(a, b Consumer) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.group, b.group))
	})
	return found
}

// Notes returns one line per kind that could not be listed.
func (c *Consumers) Notes() []string { return c.notes }

// add records w and its references under its consumer.
func (c *Consumers) add(consumer Consumer, w workload) {
	id := consumer.identity()
	if c.consumers[id] == nil {
		c.consumers[id] = &consumer
	}
	if w.Kind == podKind {
		c.consumers[id].Pods++
	}
	for _, ref := range w.refs {
		secret := types.NamespacedName{Namespace: w.Namespace, Name: ref.secret}
		if c.kinds[secret] == nil {
			c.kinds[secret] = map[identity]map[RefKind]bool{}
		}
		if c.kinds[secret][id] == nil {
			c.kinds[secret][id] = map[RefKind]bool{}
		}
		c.kinds[secret][id][ref.refKind] = true
	}
}
