// Command image writes the container image of a release as an OCI layout, in a tar
// archive that crane, skopeo and cosign can push:
//
//	go -C hack/tools run ./image -out FILE -version v0.1.0 -created TIME amd64=BINARY arm64=BINARY
//
// The image holds the plugin, CA certificates and a user without privileges, like
// distroless/static: no shell and no package manager. It is built from nothing rather
// than from a base image, so that a build needs no registry, and the same arguments
// give the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is the ID of distroless's user nonroot.
const user = 65532

const source = "https://github.com/kubectl-blueprint/kubectl-blueprint"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	out := flags.String("out", "", "archive to write")
	version := flags.String("version", "", "version of the plugin")
	created := flags.String("created", "", "time of the release, as in RFC 3339")
	if err := flags.Parse(args); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, *created)
	if err != nil {
		return fmt.Errorf("invalid -created: %w", err)
	}
	if flags.NArg() == 0 {
		return errors.New("requires ARCH=BINARY arguments")
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	annotations := map[string]string{
		"org.opencontainers.image.version":  *version,
		"org.opencontainers.image.source":   source,
		"org.opencontainers.image.licenses": "Apache-2.0",
	}
	for _, arg := range flags.Args() {
		arch, name, _ := strings.Cut(arg, "=")
		binary, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		image, err := newImage(binary, arch, annotations, at)
		if err != nil {
			return fmt.Errorf("%s: %w", arch, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: "linux", Architecture: arch},
		}})
	}
	withAnnotations, ok := mutate.Annotations(index, annotations).(v1.ImageIndex)
	if !ok {
		return errors.New("cannot annotate the index")
	}
	return write(*out, withAnnotations, *version, at)
}

// newImage returns the image of one architecture: a layer that rarely changes, and
// one with the plugin.
func newImage(binary []byte, arch string, labels map[string]string, at time.Time) (v1.Image, error) {
	base, err := newLayer(at, []file{
		{"etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"), 0},
		{"etc/group", 0o644, []byte("root:x:0:\nnonroot:x:65532:\n"), 0},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, certificates(), 0},
		{"home/nonroot/", fs.ModeDir | 0o700, nil, user},
		{"tmp/", fs.ModeDir | fs.ModeSticky | 0o777, nil, 0},
	})
	if err != nil {
		return nil, err
	}
	plugin, err := newLayer(at, []file{{"usr/local/bin/kubectl-blueprint", 0o755, binary, 0}})
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.AppendLayers(image, base, plugin); err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", arch, v1.Time{Time: at}
	for i := range config.History {
		config.History[i].Created = v1.Time{Time: at}
	}
	config.Config = v1.Config{
		User:       fmt.Sprint(user),
		Env:        []string{"PATH=/usr/local/bin", "HOME=/home/nonroot", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"},
		Entrypoint: []string{"kubectl-blueprint"},
		WorkingDir: "/home/nonroot",
		Labels:     labels,
	}
	return mutate.ConfigFile(image, config)
}

// certificates returns the root certificates that Mozilla trusts without limits, as
// PEM.
func certificates() []byte {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil { // a PEM file cannot express a constraint
			_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // never fails for a buffer
		}
	}
	return out.Bytes()
}

// file is a file of a layer, or a directory if its name ends with a slash.
type file struct {
	name    string
	mode    fs.FileMode
	content []byte
	owner   int
}

// newLayer returns a layer with the files and the directories above them.
func newLayer(at time.Time, files []file) (v1.Layer, error) {
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	made := map[string]bool{".": true}
	for _, f := range files {
		var parents []file
		for dir := filepath.Dir(strings.TrimSuffix(f.name, "/")); !made[dir]; dir = filepath.Dir(dir) {
			made[dir] = true
			parents = append(parents, file{dir + "/", fs.ModeDir | 0o755, nil, 0})
		}
		slices.Reverse(parents)
		for _, entry := range append(parents, f) {
			if err := addFile(archive, entry, at); err != nil {
				return nil, err
			}
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(out.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}

func addFile(archive *tar.Writer, f file, at time.Time) error {
	header := &tar.Header{
		Typeflag: tar.TypeReg, Format: tar.FormatUSTAR, Name: f.name, Size: int64(len(f.content)),
		Mode: int64(f.mode.Perm()), Uid: f.owner, Gid: f.owner, ModTime: at,
	}
	if f.mode.IsDir() {
		header.Typeflag = tar.TypeDir
	}
	if f.mode&fs.ModeSticky != 0 {
		header.Mode |= 0o1000
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := archive.Write(f.content)
	return err
}

// write packs the layout of an index. Its names are sorted and its files have the
// time of the release.
func write(out string, index v1.ImageIndex, version string, at time.Time) error {
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	if err := path.AppendIndex(index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": version})); err != nil {
		return err
	}
	target, err := os.Create(out)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(target)
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return addFile(archive, file{filepath.ToSlash(inside), 0o644, content, 0}, at)
	})
	return errors.Join(err, archive.Close(), target.Close())
}
