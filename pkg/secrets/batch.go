package secrets

import (
	"slices"
	"sync"
	"sync/atomic"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// DefaultInFlight is how many operations a Batch runs at a time.
const DefaultInFlight = 32

// Client is what a Batch needs of a clientset's CoreV1.
type Client interface {
	corev1client.SecretsGetter
	RESTClient() rest.Interface
}

// Batch is the operations of one payload on their way to one namespace.
type Batch struct {
	// InFlight bounds how many operations run at a time.
	InFlight int
	// AllOrNothing has Run write nothing unless the server accepts a dry run of
	// every operation.
	AllOrNothing bool
	// StopOnError has Apply run the operations one at a time, in the order of the
	// payload, and start nothing new once one failed.
	StopOnError bool
	// Recreate has an update or apply delete and create a Secret that is of
	// another type or immutable.
	Recreate bool
	// Force lets operations change Secrets that something else manages, and
	// delete those in use.
	Force bool
	// InUse names the users of Secrets, by Secret name. Deletes of these Secrets
	// fail without Force.
	InUse map[string]string

	secrets   corev1client.SecretInterface
	rest      rest.Interface // for what secrets does not tell
	namespace string
	ops       []Operation
	seen      map[string]state // by name, what Check saw there before the first operation

	askNamespace sync.Once
	noNamespace  atomic.Pointer[error] // the server's words once it said that the namespace is missing
}

// NewBatch returns the batch of ops for a namespace. It makes no request.
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

// Removed returns the names, in the order of the payload, whose last operation is
// a delete.
func (b *Batch) Removed() []string {
	var names []string
	for _, chain := range b.chains() {
		if last := b.ops[chain[len(chain)-1]]; last.Action == ActionDelete {
			names = append(names, last.Name)
		}
	}
	return names
}

// chains returns the indices of the operations on each name, in the order of
// the payload.
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

// earlier returns the number, from 1, of the operation before the nth of a chain, or 0 for
// the first.
func earlier(chain []int, n int) int {
	if n == 0 {
		return 0
	}
	return chain[n-1] + 1
}

// each runs the chains, InFlight of them at a time.
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
