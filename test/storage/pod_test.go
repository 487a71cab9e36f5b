package storage

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// pod is the pod of a rendered job, with what the kubelet needs to start its
// containers: a directory for each volume, and the data of Secrets.
type pod struct {
	corev1.PodSpec
	volumes map[string]string
	secrets map[string]map[string][]byte
}

// newPod renders a job from what a recipe says about object storage.
func newPod(t *testing.T, recipe map[string]any) *pod {
	t.Helper()
	recipe["recipe_mode"], recipe["deployment_name"], recipe["recipe_image_uri"] = "job", "test", "registry.example/test:1"
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := chart.Render(plain(t, recipe))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := manifests.Objects()
	if err != nil {
		t.Fatal(err)
	}
	p := &pod{volumes: map[string]string{}, secrets: map[string]map[string][]byte{}}
	for _, object := range objects {
		switch object.GetKind() {
		case "Job":
			var job batchv1.Job
			convert(t, object.Object, &job)
			p.PodSpec = job.Spec.Template.Spec
		case "Secret":
			var secret corev1.Secret
			convert(t, object.Object, &secret)
			p.secrets[secret.Name] = secret.Data
		case "ConfigMap":
			var scripts corev1.ConfigMap
			convert(t, object.Object, &scripts)
			p.volumes["scripts"] = t.TempDir()
			for name, text := range scripts.Data {
				write(t, p.volumes["scripts"], name, []byte(text))
			}
		}
	}
	for _, volume := range p.Volumes {
		if volume.ConfigMap == nil {
			p.volumes[volume.Name] = t.TempDir()
		}
	}
	return p
}

// plain is the recipe as a decoder of JSON gives it.
func plain(t *testing.T, recipe map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(recipe)
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func convert(t *testing.T, object map[string]any, into any) {
	t.Helper()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object, into, true); err != nil {
		t.Fatal(err)
	}
}

// result is what became of a container.
type result struct {
	code   int
	output string // both streams
}

// run starts a container as the kubelet does, with the volumes' directories in
// place of their mount paths. env is what the image or the machine adds.
func (p *pod) run(t *testing.T, name string, env ...string) result {
	t.Helper()
	command, out := p.command(t, name, env...)
	err := command.Run()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return result{command.ProcessState.ExitCode(), out.String()}
}

// command is a container's process, and where its output goes.
func (p *pod) command(t *testing.T, name string, env ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	container := p.container(t, name)
	var words []string
	for _, word := range append(container.Command, container.Args...) {
		word = strings.ReplaceAll(word, "$$", "$") // as the kubelet reads it
		for _, mount := range container.VolumeMounts {
			word = replacePath(word, mount.MountPath, p.volumes[mount.Name])
		}
		words = append(words, word)
	}
	out := &bytes.Buffer{}
	command := exec.CommandContext(t.Context(), words[0], words[1:]...)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	for _, variable := range container.Env {
		command.Env = append(command.Env, variable.Name+"="+p.value(t, variable))
	}
	command.Stdout, command.Stderr = out, out
	return command, out
}

func (p *pod) container(t *testing.T, name string) corev1.Container {
	t.Helper()
	for _, container := range append(p.InitContainers, p.Containers...) {
		if container.Name == name {
			return container
		}
	}
	t.Fatalf("the pod has no container %s", name)
	return corev1.Container{}
}

func (p *pod) value(t *testing.T, variable corev1.EnvVar) string {
	t.Helper()
	if variable.ValueFrom == nil {
		return strings.ReplaceAll(variable.Value, "$$", "$")
	}
	key := variable.ValueFrom.SecretKeyRef
	value, ok := p.secrets[key.Name][key.Key]
	if !ok {
		t.Fatalf("%s: there is no key %s in a Secret %s", variable.Name, key.Key, key.Name)
	}
	return string(value)
}

// replacePath puts directory in place of path where a word is the path, is
// below it or is a flag with it.
func replacePath(word, path, directory string) string {
	flag, value, found := strings.Cut(word, "=")
	switch {
	case found && value == path:
		return flag + "=" + directory
	case word == path || strings.HasPrefix(word, path+"/"):
		return directory + strings.TrimPrefix(word, path)
	}
	return word
}

// files are the contents of the files below a directory, by their path.
func files(t *testing.T, directory string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(directory, path)
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func write(t *testing.T, directory, name string, data []byte) {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
