package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const noticesIntro = `This file holds the licenses and notices of the software that is part of
this binary of kubectl-blueprint: Go's standard library and the Go modules
below. To get the source code of a module, run

  go mod download -json MODULE@VERSION

kubectl-blueprint's own license is in LICENSE.
`

// listFormat has go list print a line for each package outside the standard
// library and the main module: the package, its directory, and its module's
// path, version and directory.
const listFormat = `{{with .Module}}{{if not .Main}}{{$.ImportPath}}` + "\t" + `{{$.Dir}}` + "\t" +
	`{{.Path}}` + "\t" + `{{.Version}}` + "\t" + `{{.Dir}}{{end}}{{end}}`

// module is a module or the standard library, and the directories in it that
// hold linked packages.
type module struct {
	name, version, dir string
	packages           []string
}

// notices returns the license and notice texts of everything that is linked
// into the plugin for p, the same bytes each time. It reads them from GOROOT and
// from the modules' source, and fails if a module has no license.
//
// go-licenses, the usual tool, takes one file per package and no NOTICE along
// with it, and needs to recognize a license to include its text.
func notices(ctx context.Context, p *platform) ([]byte, error) {
	standard, err := standardLibrary(ctx)
	if err != nil {
		return nil, err
	}
	out, err := goOutput(ctx, p, "list", "-deps", "-f", listFormat, "./cmd/kubectl-blueprint")
	if err != nil {
		return nil, err
	}
	modules, err := parseModules(out)
	if err != nil {
		return nil, err
	}
	return writeNotices(append([]module{standard}, modules...))
}

func standardLibrary(ctx context.Context) (module, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return module{}, fmt.Errorf("running go env: %w", err)
	}
	root, version, ok := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if !ok {
		return module{}, fmt.Errorf("running go env: unexpected output %q", out)
	}
	return module{name: "Go standard library", version: version, dir: root}, nil
}

// goOutput returns what the go command prints when it builds for p.
func goOutput(ctx context.Context, p *platform, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "go", args...)
	c.Env = buildEnvironment(p)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("running go %s: %w", args[0], err)
	}
	return string(out), nil
}

// parseModules returns the modules of go list's output in the order of their
// names.
func parseModules(list string) ([]module, error) {
	byName := map[string]*module{}
	for line := range strings.Lines(list) {
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("running go list: unexpected output %q", line)
		}
		dir, m := fields[1], module{name: fields[2], version: fields[3], dir: fields[4]}
		if byName[m.name] == nil {
			byName[m.name] = &m
		}
		byName[m.name].packages = append(byName[m.name].packages, dir)
	}
	if len(byName) == 0 {
		return nil, errors.New("running go list: no modules found")
	}
	var modules []module
	for _, m := range byName {
		modules = append(modules, *m)
	}
	slices.SortFunc(modules, func(a, b module) int { return cmp.Compare(a.name, b.name) })
	return modules, nil
}

func writeNotices(modules []module) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(noticesIntro)
	for _, m := range modules {
		texts, err := m.texts()
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", m.name, m.version, err)
		}
		fmt.Fprintf(&out, "\n%s\n%s %s\n", strings.Repeat("=", 80), m.name, m.version)
		for _, text := range texts {
			fmt.Fprintf(&out, "\n----- %s -----\n\n%s", text.name, text.content)
			if !bytes.HasSuffix(text.content, []byte("\n")) {
				out.WriteByte('\n')
			}
		}
	}
	return out.Bytes(), nil
}

// texts returns the license and notice files in the module's root and in each
// directory from there to a linked package: forked code has its own license
// beside it.
func (m module) texts() ([]file, error) {
	dirs := []string{"."}
	for _, dir := range m.packages {
		name, err := filepath.Rel(m.dir, dir)
		if err != nil {
			return nil, fmt.Errorf("finding the package's directory: %w", err)
		}
		for name = filepath.ToSlash(name); name != "."; name = path.Dir(name) {
			dirs = append(dirs, name)
		}
	}
	slices.Sort(dirs)
	var texts []file
	licensed := false
	for _, dir := range slices.Compact(dirs) {
		entries, err := os.ReadDir(filepath.Join(m.dir, dir))
		if err != nil {
			return nil, fmt.Errorf("reading the module: %w", err)
		}
		for _, entry := range entries {
			if entry.IsDir() || !isLegal(entry.Name()) {
				continue
			}
			text := file{name: path.Join(dir, entry.Name())}
			if text.content, err = os.ReadFile(filepath.Join(m.dir, dir, entry.Name())); err != nil {
				return nil, fmt.Errorf("reading the module: %w", err)
			}
			licensed = licensed || dir == "." && isLicense(entry.Name()) && len(bytes.TrimSpace(text.content)) > 0
			texts = append(texts, text)
		}
	}
	if !licensed {
		return nil, errors.New("license file not found")
	}
	return texts, nil
}

// isLegal reports whether a file has the name of a license or notice.
func isLegal(name string) bool {
	return regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|copyright|notice|patents)([._-]|$)`).MatchString(name) &&
		!strings.HasSuffix(name, ".go")
}

// isLicense reports whether a file has the name of a license.
func isLicense(name string) bool {
	return regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying)`).MatchString(name)
}
