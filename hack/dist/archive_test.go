package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	commitTime = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	twoFiles   = []file{{"plugin", 0o755, []byte("binary")}, {"LICENSE", 0o644, []byte("text")}}
	wantFiles  = []string{
		"-rw-r--r-- LICENSE 2026-01-01T12:00:00Z text",
		"-rwxr-xr-x plugin 2026-01-01T12:00:00Z binary",
	}
)

func TestPackTarGz(t *testing.T) {
	t.Parallel()
	content, err := pack("a.tar.gz", twoFiles, commitTime)
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if !compressed.ModTime.IsZero() || compressed.Name != "" {
		t.Errorf("gzip header: want no time and no name, got %+v", compressed.Header)
	}
	var got []string
	archive := tar.NewReader(compressed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if header.Uid != 0 || header.Gid != 0 || header.Uname != "" || header.Gname != "" {
			t.Errorf("%s: want no owner, got %+v", header.Name, header)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%v %s %s %s", header.FileInfo().Mode(), header.Name, header.ModTime.UTC().Format(time.RFC3339), text))
	}
	if diff := cmp.Diff(wantFiles, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestPackZip(t *testing.T) {
	t.Parallel()
	content, err := pack("a.zip", twoFiles, commitTime)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%v %s %s %s", f.Mode(), f.Name, f.Modified.UTC().Format(time.RFC3339), text))
	}
	if diff := cmp.Diff(wantFiles, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestPackIgnoresTheOrderGiven(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a.zip", "a.tar.gz"} {
		first, err := pack(name, twoFiles, commitTime)
		if err != nil {
			t.Fatal(err)
		}
		second, err := pack(name, []file{twoFiles[1], twoFiles[0]}, commitTime)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s: want the same bytes for the same files", name)
		}
	}
}

func TestPackRefusesOtherFormats(t *testing.T) {
	t.Parallel()
	if _, err := pack("a.rar", twoFiles, commitTime); err == nil {
		t.Error("want an error")
	}
}
