// Package charts carries the chart that turns a recipe into Kubernetes objects.
//
// The chart is a product of its own: helm, Argo CD and Flux can use the same
// directory with a recipe as its values file. The plugin embeds it so that it
// needs no file besides its own binary.
package charts

import (
	"embed"
	"io/fs"
)

// Without all: go:embed leaves out files that begin with an underscore or a
// dot, which are the chart's helpers and its .helmignore.
//
//go:embed all:blueprint
var files embed.FS

// Blueprint is the blueprint chart, with Chart.yaml at the root.
func Blueprint() fs.FS {
	chart, err := fs.Sub(files, "blueprint")
	if err != nil {
		panic(err) // only an invalid path makes fs.Sub fail, and this one is a constant
	}
	return chart
}
