// Command dist builds the files of a release:
//
//	go run ./hack/dist -version v0.1.0 [-all]
//
// krew-manifest.yaml lists the platforms. Each becomes an archive of the binary, the
// license, the notices of third parties, man pages and the completion script. The krew
// manifest, the Homebrew formula and install.sh are written with the URLs and checksums
// of the archives. With -all, the release also gets what other programs build: SBOMs,
// the chart, deb and rpm packages, and a container image.
//
// checksums.txt lists all files. It is signed if SIGNING_KEY holds a private key.
//
// The same source, version, key and Go give the same bytes, on any machine and in any
// directory, except for the signature: paths are trimmed, and each entry has the time of
// the commit, or of SOURCE_DATE_EPOCH.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

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
	all               bool     // also what requires the programs of hack/tools
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
	key, err := signingKey(opts.all)
	if err != nil {
		return err
	}
	modTime, err := releaseTime(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(opts.out, 0o755); err != nil {
		return fmt.Errorf("making the output directory: %w", err)
	}
	work, err := os.MkdirTemp("", "dist-")
	if err != nil {
		return fmt.Errorf("making a temporary directory: %w", err)
	}
	defer os.RemoveAll(work)
	r := &release{options: opts, modTime: modTime, log: log, sums: map[string]string{}, work: work}
	if err := r.buildArchives(ctx, m); err != nil {
		return err
	}
	if err := r.addInstallers(m, key); err != nil {
		return err
	}
	if opts.all {
		if err := r.addAll(ctx, m); err != nil {
			return err
		}
	}
	return r.seal(key)
}

func parseOptions(args []string, log io.Writer) (options, error) {
	var opts options
	fs := flag.NewFlagSet("dist", flag.ContinueOnError)
	fs.SetOutput(log)
	fs.StringVar(&opts.version, "version", "", "version to release, such as v0.1.0")
	fs.StringVar(&opts.out, "out", "dist", "directory to write to")
	fs.StringVar(&opts.url, "url", "https://github.com/kubectl-blueprint/kubectl-blueprint/releases/download",
		"where releases are downloaded from, for the manifest")
	fs.BoolVar(&opts.all, "all", false, "also build the SBOMs, the chart, the packages and the image, and sign with a throw-away key if SIGNING_KEY is not set")
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
