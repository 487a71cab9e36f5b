package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// file is one entry of an archive.
type file struct {
	name    string
	mode    fs.FileMode
	content []byte
}

// pack returns the archive called name, a .zip or a .tar.gz, with the files in
// the order of their names. It depends on its arguments alone.
func pack(name string, files []file, modTime time.Time) ([]byte, error) {
	files = slices.SortedFunc(slices.Values(files), func(a, b file) int { return cmp.Compare(a.name, b.name) })
	var out bytes.Buffer
	var err error
	switch {
	case strings.HasSuffix(name, ".zip"):
		err = writeZip(&out, files, modTime)
	case strings.HasSuffix(name, ".tar.gz"):
		err = writeTarGz(&out, files, modTime)
	default:
		err = fmt.Errorf("packing %s: want .zip or .tar.gz", name)
	}
	return out.Bytes(), err
}

// writeTarGz gives entries to user and group 0, without names, and leaves the
// header of gzip without a time.
func writeTarGz(w io.Writer, files []file, modTime time.Time) error {
	compressed := gzip.NewWriter(w)
	archive := tar.NewWriter(compressed)
	for _, f := range files {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
			Name: f.name, Mode: int64(f.mode), Size: int64(len(f.content)), ModTime: modTime,
		}
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("packing %s: %w", f.name, err)
		}
		if _, err := archive.Write(f.content); err != nil {
			return fmt.Errorf("packing %s: %w", f.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("closing the tar: %w", err)
	}
	if err := compressed.Close(); err != nil {
		return fmt.Errorf("closing the gzip: %w", err)
	}
	return nil
}

func writeZip(w io.Writer, files []file, modTime time.Time) error {
	archive := zip.NewWriter(w)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: modTime}
		header.SetMode(f.mode)
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("packing %s: %w", f.name, err)
		}
		if _, err := entry.Write(f.content); err != nil {
			return fmt.Errorf("packing %s: %w", f.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("closing the zip: %w", err)
	}
	return nil
}
