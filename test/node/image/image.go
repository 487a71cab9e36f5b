// Package image puts one static program into a container image.
package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// nobody is the user that the program runs as.
const nobody = "65534"

// Of returns an image whose entry point is the program, and each of whose
// further layers is a file of so much content.
func Of(program string, more ...[]byte) (v1.Image, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	entry := filepath.Base(program)
	layers := []mutate.Addendum{}
	for i, content := range append([][]byte{content}, more...) {
		path, mode := entry, int64(0o755)
		if i > 0 {
			path, mode = fmt.Sprintf("data-%d", i), 0o644
		}
		l, err := layer(path, mode, content)
		if err != nil {
			return nil, err
		}
		layers = append(layers, mutate.Addendum{Layer: l})
	}
	image, err := mutate.Append(empty.Image, layers...)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Config = v1.Config{Entrypoint: []string{"/" + entry}, User: nobody}
	return mutate.ConfigFile(image, file)
}

func layer(path string, mode int64, content []byte) (v1.Layer, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: path, Mode: mode, Size: int64(len(content))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	})
}

// WriteArchive writes a program's image to a file, under a name.
func WriteArchive(file, reference, program string) error {
	tag, err := name.NewTag(reference)
	if err != nil {
		return err
	}
	image, err := Of(program)
	if err != nil {
		return err
	}
	return tarball.WriteToFile(file, tag, image)
}

// Push pushes an image.
func Push(reference string, image v1.Image, username, password string) error {
	tag, err := name.NewTag(reference)
	if err != nil {
		return err
	}
	return remote.Write(tag, image, remote.WithAuth(&authn.Basic{Username: username, Password: password}))
}
