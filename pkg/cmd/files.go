package cmd

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// expandFiles returns the files that names stand for, as kubectl's -f takes
// them: a directory is its .json, .yaml and .yml files in the order of their
// names, with recursive those below it, too. Files, URLs and "-" stand for
// themselves.
func expandFiles(names []string, recursive bool) ([]string, error) {
	var all []string
	for _, name := range names {
		info, err := os.Stat(name)
		if name == "-" || isURL(name) || err != nil || !info.IsDir() { // reading it says what is wrong
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
		case !entry.IsDir() && slices.Contains([]string{".json", ".yaml", ".yml"}, strings.ToLower(filepath.Ext(path))):
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: has no .json, .yaml or .yml file in it", dir)
	}
	return files, err
}
