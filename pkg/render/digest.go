package render

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"helm.sh/helm/v3/pkg/chart"
)

// Digest returns a digest of all files of the chart, which identifies it.
func (c *Chart) Digest() string {
	files := slices.SortedFunc(slices.Values(c.chart.Raw), func(a, b *chart.File) int { return cmp.Compare(a.Name, b.Name) })
	hash := sha256.New()
	for _, file := range files {
		_, _ = fmt.Fprintf(hash, "%d %s %d\n", len(file.Name), file.Name, len(file.Data))
		_, _ = hash.Write(file.Data)
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}
