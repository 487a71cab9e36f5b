// Command corpus fetches the public sample files that tests read: other people's
// files, which are not part of this repository. It takes them from one commit of
// their repository and compares each with a checksum.
//
//	go run ./hack/corpus -out bin/corpus
//
//	samples.tsv ─git fetch→ repository ─extract, verify→ bin/corpus/FOLDER/NAME
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	repository = "https://github.com/oracle-quickstart/oci-ai-blueprints"
	commit     = "1807459dc14958636b43a6c1b1fb0dee6e42f9b5"
)

// samples has a line per file: the file to write, the path in the repository, the
// line of the code fence for files that are embedded in Markdown (else 0), and
// the SHA-256 of the result.
//
//go:embed samples.tsv
var samples string

func main() {
	out := flag.String("out", "bin/corpus", "directory to write the samples to")
	from := flag.String("repository", repository, "URL of the git repository")
	flag.Parse()
	if err := fetch(*from, commit, samples, *out); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

// sample is one line of samples.tsv.
type sample struct {
	name, path string
	fence      int
	sum        string
}

// fetch writes every sample below out, or none that differs from its checksum.
func fetch(repository, commit, list, out string) error {
	all, err := parse(list)
	if err != nil {
		return err
	}
	clone, err := os.MkdirTemp("", "corpus-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(clone)
	for _, args := range [][]string{
		{"init", "--quiet", "--bare"},
		{"remote", "add", "origin", repository},
		{"fetch", "--quiet", "--depth=1", "--filter=blob:limit=1m", "origin", commit}, // without the videos
	} {
		if _, err := git(clone, args...); err != nil {
			return err
		}
	}
	var failures []error
	for _, s := range all {
		if err := s.extract(clone, commit, out); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func parse(list string) ([]sample, error) {
	var all []sample
	for line := range strings.Lines(list) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 4 {
			return nil, fmt.Errorf("samples.tsv: %q does not have 4 fields", line)
		}
		fence, err := strconv.Atoi(fields[2])
		if err != nil {
			return nil, fmt.Errorf("samples.tsv: %w", err)
		}
		all = append(all, sample{fields[0], fields[1], fence, fields[3]})
	}
	return all, nil
}

func (s sample) extract(clone, commit, out string) error {
	text, err := git(clone, "show", commit+":"+s.path)
	if err != nil {
		return err
	}
	if s.fence > 0 {
		if text, err = fenced(text, s.fence); err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
	}
	sum := sha256.Sum256(text)
	if got := hex.EncodeToString(sum[:]); got != s.sum {
		return fmt.Errorf("%s: SHA-256 is %s, expected %s", s.name, got, s.sum)
	}
	file := filepath.Join(out, filepath.FromSlash(s.name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// fenced returns the code block whose fence is on a line, counted from 1.
func fenced(text []byte, line int) ([]byte, error) {
	var block bytes.Buffer
	scanner := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; scanner.Scan(); n++ {
		fence := strings.HasPrefix(strings.TrimSpace(scanner.Text()), "```")
		switch {
		case n == line && !fence:
			return nil, fmt.Errorf("line %d is not a code fence", line)
		case n > line && fence:
			return block.Bytes(), nil
		case n > line:
			block.WriteString(scanner.Text() + "\n")
		}
	}
	return nil, fmt.Errorf("the code block at line %d has no end", line)
}

func git(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(exit.Stderr)))
	}
	return out, err
}
