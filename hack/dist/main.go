// Command dist builds the release archives of the plugin, their checksums and
// the krew manifest that goes with them:
//
//	go run ./hack/dist -version v0.1.0
//
// krew-manifest.yaml says what to build. Each of its platforms becomes an
// archive of the binary, the license, the notices of third parties and the
// completion script. The manifest is written to the output directory with the
// version, the URLs and the checksums of what was built.
//
// The same source, version and Go give the same bytes, on any machine and in any
// directory: paths are trimmed, and each entry has the time of the commit, or of
// SOURCE_DATE_EPOCH.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

type options struct {
	version, out, url string
	platforms         []string // "os/arch"; empty for all
}

// run builds in the current directory, the root of the repository.
func run(ctx context.Context, args []string, log io.Writer) error {
	opts, err := parseOptions(args, log)
	if err != nil {
		return err
	}
	m, err := readManifest("krew-manifest.yaml")
	if err != nil {
		return err
	}
	if err := m.keep(opts.platforms); err != nil {
		return err
	}
	modTime, err := releaseTime(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(opts.out, 0o755); err != nil {
		return fmt.Errorf("making the output directory: %w", err)
	}
	var checksums bytes.Buffer
	for _, p := range m.platforms {
		content, err := buildArchive(ctx, p, opts.version, modTime)
		if err != nil {
			return fmt.Errorf("building %s: %w", p.archive(), err)
		}
		if err := writeFile(opts.out, p.archive(), content); err != nil {
			return err
		}
		sum := fmt.Sprintf("%x", sha256.Sum256(content))
		p.release(opts.url+"/"+opts.version, sum)
		fmt.Fprintf(&checksums, "%s  %s\n", sum, p.archive())
		fmt.Fprintf(log, "%s  %s  %.1f MB\n", sum, p.archive(), float64(len(content))/1e6)
	}
	if err := writeFile(opts.out, "checksums.txt", checksums.Bytes()); err != nil {
		return err
	}
	released, err := m.release(opts.version)
	if err != nil {
		return err
	}
	return writeFile(opts.out, m.name+".yaml", released)
}

func parseOptions(args []string, log io.Writer) (options, error) {
	var opts options
	fs := flag.NewFlagSet("dist", flag.ContinueOnError)
	fs.SetOutput(log)
	fs.StringVar(&opts.version, "version", "", "version to release, such as v0.1.0")
	fs.StringVar(&opts.out, "out", "dist", "directory to write to")
	fs.StringVar(&opts.url, "url", "https://github.com/kubectl-blueprint/kubectl-blueprint/releases/download",
		"where releases are downloaded from, for the manifest")
	platforms := fs.String("platforms", "", "platforms to build, such as linux/amd64,darwin/arm64 (default: all of the manifest)")
	if err := fs.Parse(args); err != nil {
		return opts, fmt.Errorf("parsing flags: %w", err)
	}
	if fs.NArg() > 0 {
		return opts, fmt.Errorf("parsing flags: want no arguments, got %q", fs.Args())
	}
	opts.url = strings.TrimRight(opts.url, "/")
	if *platforms != "" {
		opts.platforms = strings.Split(*platforms, ",")
	}
	if _, err := version.ParseSemantic(opts.version); err != nil || !strings.HasPrefix(opts.version, "v") {
		return opts, fmt.Errorf("invalid version %q: must be a semantic version such as v0.1.0", opts.version)
	}
	return opts, nil
}

func buildArchive(ctx context.Context, p *platform, version string, modTime time.Time) ([]byte, error) {
	binary, err := buildBinary(ctx, p, version)
	if err != nil {
		return nil, err
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
	if p.os != "windows" { // where a shell script is of no use
		files = append(files, file{name: "kubectl_complete-blueprint", mode: 0o755, content: completion})
	}
	return pack(p.archive(), files, modTime)
}

func writeFile(dir, name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
