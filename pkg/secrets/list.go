package secrets

import (
	"context"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// listChunk is the page size of lists. It is kubectl's default.
const listChunk = 500

// Entry describes a Secret without its values.
type Entry struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	Type              corev1.SecretType `json:"type"`
	DataKeys          []string          `json:"data_keys"`
	CreationTimestamp string            `json:"creation_timestamp"`
	Created           time.Time         `json:"-"` // CreationTimestamp with seconds
}

// List returns the Secrets of a namespace, or of all for metav1.NamespaceAll, that match a
// label selector. The empty selector matches all Secrets.
func List(ctx context.Context, client corev1client.SecretsGetter, namespace, selector string) ([]Entry, error) {
	ctx = redact.WithoutBodyLogging(ctx)
	secrets := checkedSecrets{client.Secrets(namespace), namespace}
	entries := []Entry{} // not nil, which is null in JSON
	options := metav1.ListOptions{LabelSelector: selector, Limit: listChunk}
	for {
		page, err := secrets.List(ctx, options)
		switch {
		case apierrors.IsResourceExpired(err) && options.Continue != "":
			// The continue token has expired: list again without pages.
			entries, options.Continue, options.Limit = entries[:0], "", 0
			continue
		case err != nil:
			return nil, err
		}
		for i := range page.Items {
			entries = append(entries, newEntry(&page.Items[i]))
		}
		if page.Continue == "" {
			return entries, nil
		}
		options.Continue = page.Continue
	}
}

// Get returns one Secret.
func Get(ctx context.Context, client corev1client.SecretsGetter, namespace, name string) (Entry, error) {
	live, err := client.Secrets(namespace).Get(redact.WithoutBodyLogging(ctx), name, metav1.GetOptions{})
	switch {
	case err != nil:
		return Entry{}, err
	case live.Name != name || live.Namespace != namespace: // a Secret of a Preview has no UID
		return Entry{}, errUnexpected
	}
	return newEntry(live), nil
}

func newEntry(s *corev1.Secret) Entry {
	keys := slices.Sorted(maps.Keys(s.Data))
	if keys == nil {
		keys = []string{}
	}
	created := s.CreationTimestamp.UTC()
	return Entry{
		Name:              s.Name,
		Namespace:         s.Namespace,
		Type:              s.Type,
		DataKeys:          keys,
		CreationTimestamp: created.Format("2006-01-02 03:04 PM UTC"),
		Created:           created,
	}
}
