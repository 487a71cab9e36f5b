package secrets

import (
	"bytes"
	"context"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// prefetchMin is the number of names from which a list is cheaper than reads.
	prefetchMin = DefaultInFlight
	// prefetchChunk is the size of the first page of a list. The sizes of later pages
	// are chosen for prefetchPageBytes.
	prefetchChunk, prefetchPageBytes = 16, 4 << 20
	// prefetchMaxWaste limits the number of listed Secrets, in multiples of the names
	// of the batch, and prefetchMaxBytes the size of the Secrets that are kept.
	prefetchMaxWaste, prefetchMaxBytes = 3, 8 << 20
)

// prefetched holds listed Secrets by name. Missing Secrets are nil.
type prefetched map[string]*corev1.Secret

// prefetch lists the Secrets that have to be read before the first operation on them. It
// returns nil if they are few or large, if the namespace has many other Secrets, or if
// the list fails.
func (b *Batch) prefetch(ctx context.Context) prefetched {
	found := prefetched{}
	for _, chain := range b.chains() {
		if first := b.ops[chain[0]]; b.reads(first) {
			found[first.Name] = nil
		}
	}
	if len(found) < prefetchMin {
		return nil
	}
	options := metav1.ListOptions{Limit: prefetchChunk}
	for seen, kept := 0, 0; ; {
		page, err := b.secrets.List(ctx, options)
		if err != nil {
			return nil
		}
		seen, kept = seen+len(page.Items), kept+found.keep(page.Items)
		all := seen
		if left := page.RemainingItemCount; left != nil {
			all += int(*left)
		}
		switch {
		case all > prefetchMaxWaste*len(found) || kept > prefetchMaxBytes:
			return nil
		case page.Continue == "":
			return found
		}
		options.Continue = page.Continue
		options.Limit = int64(min(listChunk, max(1, prefetchPageBytes/(page.Size()/max(1, len(page.Items))+1))))
	}
}

// keep stores the Secrets of the batch from a page, and returns their size in bytes.
func (s prefetched) keep(page []corev1.Secret) (size int) {
	for i := range page {
		if _, wanted := s[page[i].Name]; wanted {
			s[page[i].Name] = page[i].DeepCopy() // releases the page
			size += page[i].Size()
		}
	}
	return size
}

// isUpToDate reports whether the live Secret already has the type and the data of op.
func (op Operation) isUpToDate(live *corev1.Secret) bool {
	if !op.overwrites() || live.Type != op.secretType() || live.DeletionTimestamp != nil {
		return false
	}
	if op.Merge && op.Type == TypeContainerRegistry {
		config := live.Data[corev1.DockerConfigJsonKey]
		merged, err := op.mergedDockerConfig(config)
		return err == nil && bytes.Equal(merged, config)
	}
	want := op.secretData()
	if op.Merge {
		for key, value := range live.Data {
			if _, given := want[key]; !given {
				want[key] = value
			}
		}
	}
	return maps.EqualFunc(live.Data, want, bytes.Equal)
}
