// Package starter writes commented recipes to begin with, each with the payload of
// its secrets. It owns the texts of all kinds and puts the user's name into them.
// It overwrites no file.
package starter

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

//go:embed files
var texts embed.FS

// Kinds returns the kinds of recipes, the most common one first.
func Kinds() []string { return []string{"nim", "huggingface", "registry", "job"} }

// Write writes a recipe of a kind and its payload to two files in the current
// directory, or none, and returns their names. The name is the recipe's
// deployment_name and the beginning of the file names.
func Write(kind, name string) (files []string, err error) {
	if !slices.Contains(Kinds(), kind) {
		return nil, fmt.Errorf("invalid KIND %q: must be one of %s", kind, strings.Join(Kinds(), ", "))
	}
	if len(validation.IsDNS1123Label(name)) > 0 {
		return nil, fmt.Errorf(`invalid NAME %q: must be at most 63 lower-case letters, digits and "-", and start and end with a letter or digit`, name)
	}
	suffixes := []string{".yaml", "-secrets.yaml"}
	for _, suffix := range suffixes {
		file := name + suffix
		if _, err := os.Lstat(file); err == nil {
			return nil, fmt.Errorf("%s already exists; nothing was written", file)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		files = append(files, file)
	}
	for i, suffix := range suffixes {
		text, err := texts.ReadFile("files/" + kind + suffix)
		if err == nil {
			err = create(files[i], rename(text, kind, name))
		}
		if err != nil {
			return nil, errors.Join(err, remove(files[:i]))
		}
	}
	return files, nil
}

// create writes a new file that only the user can read.
func create(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(name)
	}
	return err
}

// rename returns text with another deployment_name, and with the names of the user's
// files in its comments.
func rename(text []byte, kind, name string) []byte {
	return []byte(strings.NewReplacer(
		"deployment_name: "+kind+"\n", "deployment_name: "+scalar(name)+"\n",
		kind+".yaml", name+".yaml",
		kind+"-secrets.yaml", name+"-secrets.yaml",
	).Replace(string(text)))
}

// scalar quotes a name that YAML does not read as text, such as 1e3 or no.
func scalar(name string) string {
	var value any
	if err := yaml.Unmarshal([]byte(name), &value); err == nil && value == name {
		return name
	}
	return strconv.Quote(name)
}

func remove(files []string) error {
	var failed error
	for _, file := range files {
		failed = errors.Join(failed, os.Remove(file))
	}
	return failed
}
