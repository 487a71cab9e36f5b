package secrets

import (
	"fmt"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// BenchmarkCreate1000 compares Apply with the least that anybody could do: the
// same creates from as many goroutines with client-go alone. Apply is to take
// no more than 1.3 times as long.
func BenchmarkCreate1000(b *testing.B) {
	const total = 1000
	ops := make([]string, total)
	for i := range ops {
		ops[i] = opaque(ActionCreate, fmt.Sprintf("s%d", i), "token", "value")
	}
	operations := parse(b, list(ops...))
	c := newCluster(b)
	for name, create := range map[string]func(b *testing.B){
		"client-go": func(b *testing.B) { createBare(b, c.client.Secrets(c.namespace), total) },
		"Apply": func(b *testing.B) {
			if report, err := NewBatch(c.client, c.namespace, operations).Run(b.Context()); err != nil || !report.OK() {
				b.Error("not everything was created")
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				create(b)
				b.StopTimer()
				err := c.client.Secrets(c.namespace).DeleteCollection(b.Context(), metav1.DeleteOptions{}, metav1.ListOptions{})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

func createBare(b *testing.B, client corev1client.SecretInterface, total int) {
	next := make(chan int)
	var group sync.WaitGroup
	for range DefaultInFlight {
		group.Go(func() {
			for i := range next {
				secret := &corev1.Secret{
					ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("s%d", i)},
					Type:       corev1.SecretTypeOpaque,
					Data:       map[string][]byte{"token": []byte("value")},
				}
				if _, err := client.Create(b.Context(), secret, metav1.CreateOptions{FieldManager: ownership.FieldManager}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range total {
		next <- i
	}
	close(next)
	group.Wait()
}
