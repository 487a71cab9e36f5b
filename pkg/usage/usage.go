// Package usage tells which workloads refer to which Secret, and restarts those
// that read it only at their start.
//
//	Find → Users ─Of(secret)→ []User ─Restart→ []Restarted
//
// It reads pod templates, pods and ServiceAccounts, one list for each kind, and
// never a Secret. What a controller made is reported as the controller: a pod of
// a Deployment is the Deployment. Pods count beside the templates that they come
// from, because admission adds to them (a ServiceAccount's pull secrets, what a
// webhook injects) and because the pods of the template before the last change
// may still run. What has ended, or is scaled down to nothing by its owner, uses
// nothing.
//
// A kind that the user may not list is a note: the answer is then what the other
// kinds tell, and a caller that protects a Secret has to show the notes.
package usage

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
)

// How is the way in which a workload uses a Secret, which decides when a new
// value reaches it.
type How string

// The ways to use a Secret.
const (
	Env           How = "env"             // a container's environment, set when it starts
	VolumeAtStart How = "volume at start" // files that are never refreshed: subPath, or of init containers only
	Storage       How = "storage"         // a storage driver's credentials, read when the volume is mounted
	Volume        How = "volume"          // files that the kubelet refreshes
	ImagePull     How = "image pull"      // credentials, read when an image is pulled
	Mountable     How = "mountable"       // in the list "secrets" of a ServiceAccount
)

func (h How) atStart() bool { return h == Env || h == VolumeAtStart || h == Storage }

// User is a workload, a pod without a controller or a ServiceAccount that
// refers to a Secret.
type User struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	How       []How  `json:"how"`  // distinct, in alphabetical order
	Pods      int    `json:"pods"` // of it that have not ended; 0 also where pods can't be listed

	group     string
	obstacle  string // why a change of its template restarts nothing, and what does
	partition int32  // the first of its pods that a change of its template restarts
}

// String returns the kind and the name: deployment/web.
func (u User) String() string { return strings.ToLower(u.Kind) + "/" + u.Name }

// AtStart reports whether u reads the Secret only at its start, so that it goes
// on with the old value until it is restarted.
func (u User) AtStart() bool { return slices.ContainsFunc(u.How, How.atStart) }

// identity is what makes a User one and the same.
type identity struct{ group, kind, namespace, name string }

func (u User) identity() identity { return identity{u.group, u.Kind, u.Namespace, u.Name} }

// Users is what refers to the Secrets of a namespace, or of all.
type Users struct {
	users map[identity]*User
	hows  map[types.NamespacedName]map[identity]map[How]bool
	notes []string
}

// Of returns what refers to any of the Secrets with these names in a namespace,
// each user once, in the order of kind and name.
func (u *Users) Of(namespace string, secrets ...string) []User {
	merged := map[identity]map[How]bool{}
	for _, secret := range secrets {
		for id, hows := range u.hows[types.NamespacedName{Namespace: namespace, Name: secret}] {
			if merged[id] == nil {
				merged[id] = map[How]bool{}
			}
			maps.Copy(merged[id], hows)
		}
	}
	found := make([]User, 0, len(merged))
	for id, hows := range merged {
		user := *u.users[id]
		user.How = slices.Sorted(maps.Keys(hows))
		found = append(found, user)
	}
	slices.SortFunc(found, func(a, b User) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.group, b.group))
	})
	return found
}

// Notes returns what could not be looked at, a line for each kind.
func (u *Users) Notes() []string { return u.notes }

// add records w, and what it refers to, under the user that it belongs to.
func (u *Users) add(user User, w workload) {
	id := user.identity()
	if u.users[id] == nil {
		u.users[id] = &user
	}
	if w.Kind == podKind {
		u.users[id].Pods++
	}
	for _, ref := range w.refs {
		secret := types.NamespacedName{Namespace: w.Namespace, Name: ref.secret}
		if u.hows[secret] == nil {
			u.hows[secret] = map[identity]map[How]bool{}
		}
		if u.hows[secret][id] == nil {
			u.hows[secret][id] = map[How]bool{}
		}
		u.hows[secret][id][ref.how] = true
	}
}
