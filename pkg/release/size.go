package release

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

const (
	// maxRecord is the API server's limit for the data of one Secret or ConfigMap.
	maxRecord = 1 << 20
	// spareRecord is reserved for what is added to a record until its run ends.
	spareRecord = 16 << 10
	// maxDescription is the maximum length of a description, in bytes.
	maxDescription = 4 << 10
)

// ErrTooLarge says that the record of a revision exceeds the limit of the API server.
var ErrTooLarge = errors.New("too large for a Helm release")

// CheckSize returns ErrTooLarge if the record of a revision with these values and this
// manifest would exceed the limit of the API server.
func (c *Client) CheckSize(ch *chart.Chart, name, manifest string, values map[string]any) error {
	return c.checkSize(&release.Release{Name: name, Namespace: c.namespace, Chart: ch, Config: values, Manifest: manifest, Info: &release.Info{}})
}

// checkSize returns ErrTooLarge if a record exceeds the limit. A database has none.
func (c *Client) checkSize(r *release.Release) error {
	if c.storageResource == "" {
		return nil
	}
	size, err := recordSize(r)
	if err != nil || size <= maxRecord-spareRecord {
		return err
	}
	err = fmt.Errorf("%s is %w: its record is %s, and at most %s fit into a Secret or ConfigMap; largest objects: %s",
		r.Name, ErrTooLarge, formatSize(size), formatSize(maxRecord), largest(r.Manifest))
	return hint.Text(err, "store large files on a volume, in object storage or in the image; the record contains each file twice")
}

// recordSize returns the number of bytes that Helm writes for a record: base64
// of its compressed JSON.
func recordSize(r *release.Release) (int, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return 0, fmt.Errorf("cannot encode release %s: %w", r.Name, err)
	}
	if base64.StdEncoding.EncodedLen(len(text)) <= maxRecord-spareRecord {
		return base64.StdEncoding.EncodedLen(len(text)), nil // fits even uncompressed
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(text); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return base64.StdEncoding.EncodedLen(packed.Len()), nil
}

// largest returns the names and sizes of the three largest objects of a manifest.
func largest(manifest string) string {
	all := objects(manifest)
	sizes := map[*unstructured.Unstructured]int{}
	for _, o := range all {
		if text, err := json.Marshal(o); err == nil {
			sizes[o] = len(text)
		}
	}
	slices.SortStableFunc(all, func(a, b *unstructured.Unstructured) int { return cmp.Compare(sizes[b], sizes[a]) })
	var names []string
	for _, o := range all[:min(len(all), 3)] {
		names = append(names, fmt.Sprintf("%s (%s)", objref.ID(o), formatSize(sizes[o])))
	}
	return strings.Join(names, ", ")
}

// formatSize formats a number of bytes as KiB or MiB, rounded up.
func formatSize(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", (n+1023)>>10)
	}
	tenths := (n*10 + 1<<20 - 1) >> 20
	return strings.TrimSuffix(fmt.Sprintf("%d.%d", tenths/10, tenths%10), ".0") + " MiB"
}

// truncate cuts a description to maxDescription bytes.
func truncate(description string) string {
	if len(description) <= maxDescription {
		return description
	}
	return strings.ToValidUTF8(description[:maxDescription], "") + "…"
}
