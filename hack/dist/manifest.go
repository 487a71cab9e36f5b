package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// manifest is krew-manifest.yaml as a tree, so that what is not changed is
// written as it was read.
type manifest struct {
	document  yaml.Node
	name      string
	platforms []*platform
}

// platform is one of a manifest's, with the two fields that a release sets.
type platform struct {
	os, arch, bin string
	uri, sum      *yaml.Node
	node          *yaml.Node
}

func readManifest(path string) (*manifest, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	var m manifest
	if err := yaml.Unmarshal(content, &m.document); err != nil {
		return nil, fmt.Errorf("parsing %s: %w", path, err)
	}
	name, err := field(&m.document, "metadata", "name")
	if err != nil {
		return nil, fmt.Errorf("parsing %s: %w", path, err)
	}
	m.name = name.Value
	rows, err := field(&m.document, "spec", "platforms")
	if err != nil {
		return nil, fmt.Errorf("parsing %s: %w", path, err)
	}
	for i, row := range rows.Content {
		p, err := newPlatform(row)
		if err != nil {
			return nil, fmt.Errorf("parsing %s: platform %d: %w", path, i+1, err)
		}
		m.platforms = append(m.platforms, p)
	}
	return &m, nil
}

func newPlatform(row *yaml.Node) (*platform, error) {
	var nodes [5]*yaml.Node
	for i, keys := range [][]string{{"selector", "matchLabels", "os"}, {"selector", "matchLabels", "arch"}, {"bin"}, {"uri"}, {"sha256"}} {
		n, err := field(row, keys...)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return &platform{os: nodes[0].Value, arch: nodes[1].Value, bin: nodes[2].Value, uri: nodes[3], sum: nodes[4], node: row}, nil
}

// field returns the value under the keys of nested mappings.
func field(n *yaml.Node, keys ...string) (*yaml.Node, error) {
	if n.Kind == yaml.DocumentNode {
		n = n.Content[0]
	}
	for i, key := range keys {
		at := 0
		for at < len(n.Content) && n.Content[at].Value != key {
			at += 2 // a mapping's content is key, value, key, value
		}
		if n.Kind != yaml.MappingNode || at >= len(n.Content) {
			return nil, fmt.Errorf("want %s", strings.Join(keys[:i+1], "."))
		}
		n = n.Content[at+1]
	}
	return n, nil
}

// keep drops all platforms but the named ones, "os/arch". No names keep all.
func (m *manifest) keep(names []string) error {
	if len(names) == 0 {
		return nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(m.platforms, func(p *platform) bool { return p.String() == name }) {
			return fmt.Errorf("platforms: want some of %v, got %q", m.platforms, name)
		}
	}
	rows, err := field(&m.document, "spec", "platforms")
	if err != nil {
		return err
	}
	m.platforms = slices.DeleteFunc(m.platforms, func(p *platform) bool { return !slices.Contains(names, p.String()) })
	rows.Content = nil
	for _, p := range m.platforms {
		rows.Content = append(rows.Content, p.node)
	}
	return nil
}

// release returns the manifest of a version, without the comment about the sums.
func (m *manifest) release(version string) ([]byte, error) {
	node, err := field(&m.document, "spec", "version")
	if err != nil {
		return nil, err
	}
	node.SetString(version)
	m.document.HeadComment = ""
	m.document.Content[0].HeadComment = ""
	if keys := m.document.Content[0].Content; len(keys) > 0 {
		keys[0].HeadComment = ""
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(&m.document); err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	return out.Bytes(), nil
}

func (p *platform) String() string { return p.os + "/" + p.arch }

// archive is the name of the platform's archive, as its URL has it.
func (p *platform) archive() string { return path.Base(p.uri.Value) }

// base is the name of the archive without its suffix.
func (p *platform) base() string { return "kubectl-blueprint_" + p.os + "_" + p.arch }

// release points the platform at its archive below url.
func (p *platform) release(url, sum string) {
	p.uri.SetString(url + "/" + p.archive())
	p.sum.SetString(sum)
}
