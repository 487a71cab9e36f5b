package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// writeList writes a JSON document whose one list has an element for each
// secret. It never holds the whole: the peak RSS of a child counts from that of
// its parent.
func writeList(path, before string, count int, element func(i int) any, after string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	_, _ = io.WriteString(w, before)
	encoder := json.NewEncoder(w)
	for i := range count {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		if err := encoder.Encode(element(i)); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	_, _ = io.WriteString(w, after)
	return errors.Join(w.Flush(), f.Close())
}

// writePayload writes what secrets apply takes.
func writePayload(path, action string, count, generation int) error {
	type operation struct {
		Name   string            `json:"name"`
		Action string            `json:"action"`
		Type   string            `json:"type,omitempty"`
		Data   map[string]string `json:"data,omitempty"`
	}
	return writeList(path, `{"secrets_payload": [`, count, func(i int) any {
		if action == actionDelete {
			return operation{Name: secretName(i), Action: action}
		}
		return operation{Name: secretName(i), Action: action, Type: "opaque", Data: secretValues(i, generation)}
	}, "]}\n")
}

// writeManifests writes the same secrets as kubectl takes them: as a List in
// JSON, which it reads faster than YAML.
func writeManifests(path string, count, generation int) error {
	type manifest struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]string `json:"metadata"`
		Type       string            `json:"type"`
		Data       map[string][]byte `json:"data"`
	}
	return writeList(path, `{"apiVersion": "v1", "kind": "List", "items": [`, count, func(i int) any {
		m := manifest{APIVersion: "v1", Kind: "Secret", Type: "Opaque", Data: secretData(i, generation)}
		m.Metadata = map[string]string{"name": secretName(i)}
		return m
	}, "]}\n")
}

// inputs are the files that the secrets of a part are read from.
type inputs struct{ dir string }

func (in inputs) payload(action string, generation int) string {
	return fmt.Sprintf("%s/payload-%s-%d.json", in.dir, action, generation)
}

func (in inputs) manifests(generation int) string {
	return fmt.Sprintf("%s/manifests-%d.json", in.dir, generation)
}

// write writes every file for a count of secrets in their two generations.
func (in inputs) write(count int) error {
	var errs []error
	for generation := range 2 {
		errs = append(errs, writeManifests(in.manifests(generation), count, generation))
		for _, action := range []string{actionCreate, actionUpdate, actionDelete} {
			errs = append(errs, writePayload(in.payload(action, generation), action, count, generation))
		}
	}
	return errors.Join(errs...)
}
