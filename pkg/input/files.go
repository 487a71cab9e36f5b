package input

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Files returns the files that names stand for, as kubectl's -f does: a directory
// stands for its .json, .yaml and .yml files in the order of their names, with
// recursive also for those below it. Files, URLs and "-" stand for themselves.
func Files(names []string, recursive bool) ([]string, error) {
	var all []string
	for _, name := range names {
		info, err := os.Stat(name)
		if name == "-" || IsURL(name) || err != nil || !info.IsDir() { // reading it reports the error
			all = append(all, name)
			continue
		}
		files, err := filesIn(name, recursive)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

func filesIn(dir string, recursive bool) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != dir && !recursive:
			return fs.SkipDir
		case !entry.IsDir() && isText(path):
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no .json, .yaml or .yml files found", dir)
	}
	return files, err
}

// IsPath reports whether an argument names a file, a directory or standard input
// instead of a deployed release. The name of a release may hold a dot, but neither
// a slash nor an extension of a file.
func IsPath(argument string) bool {
	return argument == "-" || strings.ContainsAny(argument, `/\`) || argument == "." || isText(argument)
}

// isText reports whether a file has the extension of a JSON or YAML file.
func isText(name string) bool {
	return slices.Contains([]string{".json", ".yaml", ".yml"}, strings.ToLower(filepath.Ext(name)))
}

// WorldReadable reports whether every user of the machine can read a file. It is
// false on Windows, which has no such permission.
func WorldReadable(name string) bool {
	const byOthers = 0o004
	info, err := os.Stat(name)
	return err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode()&byOthers != 0
}
