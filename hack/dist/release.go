package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/hack/reference"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
)

// maxBinary is the size limit of a binary: 64 MiB.
const maxBinary = 64 << 20

// release is a set of files in an output directory, and their checksums.
type release struct {
	options
	modTime time.Time
	log     io.Writer
	sums    map[string]string // by file name
	work    string            // directory for the content of archives, and output of other programs
}

// buildArchives adds the archive of each platform, and sets its URL and checksum in the
// manifest.
func (r *release) buildArchives(ctx context.Context, m *manifest) error {
	for _, p := range m.platforms {
		content, err := r.buildArchive(ctx, p)
		if err != nil {
			return fmt.Errorf("building %s: %w", p.archive(), err)
		}
		if err := r.add(p.archive(), content); err != nil {
			return err
		}
		p.release(r.url+"/"+r.version, r.sums[p.archive()])
	}
	return nil
}

func (r *release) buildArchive(ctx context.Context, p *platform) ([]byte, error) {
	binary, err := buildBinary(ctx, p, r.version, r.path(p, p.bin))
	if err != nil {
		return nil, err
	}
	if len(binary) > maxBinary {
		return nil, fmt.Errorf("binary must have at most %d bytes, has %d", maxBinary, len(binary))
	}
	license, err := os.ReadFile("LICENSE")
	if err != nil {
		return nil, fmt.Errorf("reading the license: %w", err)
	}
	thirdParty, err := notices(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("collecting third-party notices: %w", err)
	}
	files := []file{
		{name: p.bin, mode: 0o755, content: binary},
		{name: "LICENSE", mode: 0o644, content: license},
		{name: "THIRD_PARTY_NOTICES", mode: 0o644, content: thirdParty},
	}
	if p.os != "windows" { // which has neither sh nor man
		files = append(files, file{name: complete.ScriptName, mode: 0o755, content: complete.Script()})
		pages, err := reference.ManPages(r.version, r.modTime)
		if err != nil {
			return nil, fmt.Errorf("generating man pages: %w", err)
		}
		for name, content := range pages {
			files = append(files, file{name: "man/" + name, mode: 0o644, content: content})
		}
	}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(r.path(p, f.name)), 0o755); err != nil {
			return nil, fmt.Errorf("unpacking: %w", err)
		}
		if err := os.WriteFile(r.path(p, f.name), f.content, f.mode); err != nil {
			return nil, fmt.Errorf("unpacking: %w", err)
		}
	}
	return pack(p.archive(), files, r.modTime)
}

// path returns the path of a file in the work directory: one of a platform's archive, or
// the output of a program if p is nil.
func (r *release) path(p *platform, name string) string {
	if p == nil {
		return filepath.Join(r.work, name)
	}
	return filepath.Join(r.work, p.base(), name)
}

// addInstallers adds the files that download an archive: the krew manifest, the
// Homebrew formula and install.sh.
func (r *release) addInstallers(m *manifest, key *ecdsa.PrivateKey) error {
	released, err := m.release(r.version)
	if err != nil {
		return err
	}
	formula, err := formula(m, r.version)
	if err != nil {
		return err
	}
	script, err := installScript(r.version, key)
	if err != nil {
		return err
	}
	for _, f := range []file{{name: m.name + ".yaml", content: released}, {name: "kubectl-blueprint.rb", content: formula}, {name: "install.sh", content: script}} {
		if err := r.add(f.name, f.content); err != nil {
			return err
		}
	}
	return nil
}

// add writes a file of the release and prints its checksum and size.
func (r *release) add(name string, content []byte) error {
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	r.sums[name] = sum
	if _, err := fmt.Fprintf(r.log, "%s  %s  %.1f MB\n", sum, name, float64(len(content))/1e6); err != nil {
		return fmt.Errorf("printing a checksum: %w", err)
	}
	return writeFile(r.out, name, content)
}

// seal writes checksums.txt, as sha256sum does, and its signature if there is a key.
func (r *release) seal(key *ecdsa.PrivateKey) error {
	var checksums bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(r.sums)) {
		fmt.Fprintf(&checksums, "%s  %s\n", r.sums[name], name)
	}
	if err := writeFile(r.out, "checksums.txt", checksums.Bytes()); err != nil {
		return err
	}
	if key == nil {
		return nil
	}
	signature, err := sign(key, checksums.Bytes())
	if err != nil {
		return err
	}
	public, err := publicKey(key)
	if err != nil {
		return err
	}
	if err := writeFile(r.out, "checksums.txt.sig", signature); err != nil {
		return err
	}
	return writeFile(r.out, "signing-key.pub", []byte(public))
}

// number returns the version without its v, as package managers expect it.
func (r *release) number() string { return strings.TrimPrefix(r.version, "v") }

func writeFile(dir, name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
