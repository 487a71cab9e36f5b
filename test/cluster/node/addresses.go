package node

import (
	"fmt"
	"net/netip"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// addresses hands out the IP addresses of a node's pods. It goes round, so
// that an address is not used again at once.
type addresses struct {
	mu     sync.Mutex
	prefix netip.Prefix
	last   netip.Addr
	inUse  map[netip.Addr]types.UID
}

func newAddresses(cidr string) (*addresses, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, fmt.Errorf("pod addresses: %w", err)
	}
	prefix = prefix.Masked()
	return &addresses{prefix: prefix, last: prefix.Addr().Next(), inUse: map[netip.Addr]types.UID{}}, nil
}

// take returns a free address and holds it for the pod.
func (a *addresses) take(uid types.UID) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	first := a.prefix.Addr().Next() // the network's own address and its gateway stay free
	for addr := a.last.Next(); addr != a.last; addr = addr.Next() {
		if !a.prefix.Contains(addr) || !a.prefix.Contains(addr.Next()) { // the last one is for broadcast
			if a.last == first {
				break
			}
			addr = first
			continue
		}
		if _, used := a.inUse[addr]; !used && addr != first {
			a.inUse[addr], a.last = uid, addr
			return addr.String(), nil
		}
	}
	return "", fmt.Errorf("no free address in %s", a.prefix)
}

// release frees the pod's address, if it has one.
func (a *addresses) release(uid types.UID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for addr, owner := range a.inUse {
		if owner == uid {
			delete(a.inUse, addr)
		}
	}
}
