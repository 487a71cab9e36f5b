package secrets

import (
	"context"
	"fmt"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
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
	client := kubetest.Client(b).CoreV1()
	b.Run("client-go", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			secrets := client.Secrets(kubetest.Namespace(b))
			b.StartTimer()
			var group sync.WaitGroup
			next := make(chan int)
			for range DefaultInFlight {
				group.Go(func() {
					for i := range next {
						secret := &corev1.Secret{
							ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("s%d", i)},
							Type:       corev1.SecretTypeOpaque,
							Data:       map[string][]byte{"token": []byte("value")},
						}
						if _, err := secrets.Create(context.Background(), secret, metav1.CreateOptions{FieldManager: fieldManager}); err != nil {
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
	})
	b.Run("Apply", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			namespace := kubetest.Namespace(b)
			b.StartTimer()
			if report := NewReport(NewBatch(client, namespace, operations).Apply(context.Background())); !report.OK() {
				b.Error("not everything was created")
			}
		}
	})
}
