package secrets

import (
	"slices"
	"sync"
	"sync/atomic"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// DefaultInFlight is the default number of operations that a Batch runs in parallel.
const DefaultInFlight = 32

// Client is the part of a clientset's CoreV1 that a Batch needs.
type Client interface {
	corev1client.SecretsGetter
	RESTClient() rest.Interface
}

// Batch holds the operations of one payload for one namespace.
type Batch struct {
	// InFlight limits the number of operations that run in parallel.
	InFlight int
	// AllOrNothing makes Run write nothing unless a server-side dry run of every
	// operation succeeds.
	AllOrNothing bool
	// StopOnError makes Apply run the operations one at a time, in the order of the
	// payload, and stop after the first failure.
	StopOnError bool
	// Recreate makes updates and applies delete and recreate Secrets that are
	// immutable or of another type.
	Recreate bool
	// Force allows operations to change Secrets managed by other tools, and to delete
	// Secrets in use.
	Force bool
	// InUse lists the consumers of Secrets, by Secret name. Without Force, deletes of
	// these Secrets fail.
	InUse map[string]string

	secrets   corev1client.SecretInterface
	rest      rest.Interface // for deletes, whose response secrets does not return
	namespace string
	ops       []Operation
	seen      map[string]state // by name, the state that Check found before the first operation

	askNamespace sync.Once
	noNamespace  atomic.Pointer[error] // the server's error if the namespace does not exist
}

// NewBatch returns the batch of ops for a namespace. It sends no request.
func NewBatch(client Client, namespace string, ops []Operation) *Batch {
	ops = slices.Clone(ops)
	for i := range ops {
		ops[i].namespace = namespace
	}
	return &Batch{
		InFlight:  DefaultInFlight,
		secrets:   checkedSecrets{client.Secrets(namespace), namespace},
		rest:      client.RESTClient(),
		namespace: namespace,
		ops:       ops,
	}
}

// Removed returns the names of Secrets whose last operation is a delete, in the order of
// the payload.
func (b *Batch) Removed() []string {
	var names []string
	for _, chain := range b.chains() {
		if last := b.ops[chain[len(chain)-1]]; last.Action == ActionDelete {
			names = append(names, last.Name)
		}
	}
	return names
}

// chains returns, for each name, the indices of its operations in the order of the
// payload.
func (b *Batch) chains() [][]int {
	var chains [][]int
	at := make(map[string]int, len(b.ops))
	for i, op := range b.ops {
		c, found := at[op.Name]
		if !found {
			c = len(chains)
			at[op.Name] = c
			chains = append(chains, nil)
		}
		chains[c] = append(chains[c], i)
	}
	return chains
}

// earlier returns the number, from 1, of the operation before the nth one of a chain, or 0
// for the first one.
func earlier(chain []int, n int) int {
	if n == 0 {
		return 0
	}
	return chain[n-1] + 1
}

// each calls run for every chain, with at most InFlight calls in parallel.
func (b *Batch) each(run func(chain []int)) {
	chains := b.chains()
	var next atomic.Int64
	var group sync.WaitGroup
	for range max(1, min(b.InFlight, len(chains))) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(chains); i = int(next.Add(1)) - 1 {
				run(chains[i])
			}
		})
	}
	group.Wait()
}
