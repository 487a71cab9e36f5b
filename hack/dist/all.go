package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"helm.sh/helm/v3/pkg/chart/loader"
)

// nfpmTemplate is the configuration of deb and rpm packages.
//
//go:embed nfpm.yaml
var nfpmTemplate string

// addAll adds the files that are not needed to install the plugin on this machine: the
// chart, and what the programs of hack/tools build.
func (r *release) addAll(ctx context.Context, m *manifest) error {
	chart, err := r.chart()
	if err != nil {
		return err
	}
	if err := r.add("blueprint-"+r.number()+".tgz", chart); err != nil {
		return err
	}
	var images []string
	for _, p := range m.platforms {
		if err := r.addSBOM(ctx, p); err != nil {
			return err
		}
		if p.os != "linux" {
			continue
		}
		for _, packager := range []string{"deb", "rpm"} {
			if err := r.addPackage(ctx, p, packager); err != nil {
				return err
			}
		}
		images = append(images, p.arch+"="+r.path(p, p.bin))
	}
	if len(images) == 0 {
		return errors.New("-all requires a platform with linux")
	}
	const name = "kubectl-blueprint_image.tar"
	return r.addOutput(ctx, name, "go", append([]string{"-C", "hack/tools", "run", "./image", "-out", r.path(nil, name),
		"-version", r.version, "-created", r.modTime.Format(time.RFC3339)}, images...)...)
}

// chart returns the chart as 'helm package' packs it, but with the time of the release.
func (r *release) chart() ([]byte, error) {
	chart, err := loader.LoadDir("charts/blueprint")
	if err != nil {
		return nil, fmt.Errorf("loading the chart: %w", err)
	}
	var files []file
	for _, f := range chart.Raw {
		content := f.Data
		if f.Name == "Chart.yaml" {
			content = regexp.MustCompile(`(?m)^(version|appVersion): .*$`).ReplaceAll(content, []byte("${1}: "+r.number()))
		}
		files = append(files, file{name: "blueprint/" + f.Name, mode: 0o644, content: content})
	}
	return pack("blueprint.tar.gz", files, r.modTime)
}

// addSBOM adds the list of modules in a binary, in CycloneDX.
func (r *release) addSBOM(ctx context.Context, p *platform) error {
	name := p.base() + ".cdx.json"
	return r.addOutput(ctx, name, "go", "tool", "-modfile=hack/tools/go.mod", "cyclonedx-gomod", "bin", "-json", "-std",
		"-noserial", "-notimestamp", "-version", r.version, "-output", r.path(nil, name), r.path(p, p.bin))
}

// addPackage adds a deb or rpm package.
func (r *release) addPackage(ctx context.Context, p *platform, packager string) error {
	var config bytes.Buffer
	err := template.Must(template.New("nfpm.yaml").Parse(nfpmTemplate)).Execute(&config, map[string]string{
		"Arch": p.arch, "Version": r.number(), "Time": r.modTime.Format(time.RFC3339), "Dir": filepath.Dir(r.path(p, p.bin)),
	})
	if err != nil {
		return fmt.Errorf("writing the configuration of nfpm: %w", err)
	}
	if err := os.WriteFile(r.path(nil, "nfpm.yaml"), config.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing the configuration of nfpm: %w", err)
	}
	name := p.base() + "." + packager
	return r.addOutput(ctx, name, "go", "tool", "-modfile=hack/tools/go.mod", "nfpm", "package",
		"-f", r.path(nil, "nfpm.yaml"), "-p", packager, "-t", r.path(nil, name))
}

// addOutput runs a program and adds the file that it writes to the work directory.
func (r *release) addOutput(ctx context.Context, name, program string, args ...string) error {
	c := exec.CommandContext(ctx, program, args...)
	c.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.modTime.Unix()))
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: running %s: %w\n%s", name, strings.Join(args[:2], " "), err, out)
	}
	content, err := os.ReadFile(r.path(nil, name))
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return r.add(name, content)
}
