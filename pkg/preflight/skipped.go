package preflight

import (
	"maps"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// unread is what could not be looked at, with what is therefore not known.
type unread struct {
	mu    sync.Mutex
	kinds map[string]string
}

// forbids reports whether err is a missing right to read a kind, and remembers
// it: unknown is what would be known otherwise.
func (u *unread) forbids(err error, kind, unknown string) bool {
	if !apierrors.IsForbidden(err) {
		return false
	}
	u.add(kind, unknown)
	return true
}

func (u *unread) add(kind, unknown string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.kinds == nil {
		u.kinds = map[string]string{}
	}
	u.kinds[kind] = unknown
}

// findings is one note of everything.
func (u *unread) findings() []Finding {
	if len(u.kinds) == 0 {
		return nil
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(u.kinds)) {
		parts = append(parts, kind+" ("+u.kinds[kind]+")")
	}
	return []Finding{{Severity: Note, Rule: "unread", What: "not looked at, for want of rights: " + strings.Join(parts, ", ")}}
}
