package secrets

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// FuzzParse marks values with the canary and holds the parser to never quoting
// one.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		list(opaque(ActionCreate, "a", "k", canary), pullSecret(ActionUpdate, "r", "nvcr.io", canary, canary), remove("a")),
		`{"secrets_payload":[` + opaque(ActionUpdate, "a", "k", canary) + `]}`,
		`{"name":"` + canary + `!","action":"` + canary + `","type":"` + canary + `","data":"` + canary + `"}`,
		`{"name":"a","action":"create","type":"opaque","data":{"k":["` + canary + `"],"l":{"m":"` + canary + `"}}}`,
		pullSecret(ActionCreate, "r", "https://u:"+canary+"@nvcr.io", canary+":", ""),
		pullSecret(ActionCreate, "r", canary, " ", "p"),
		pullSecret(ActionCreate, "r", canary+"://nvcr.io", "u", "p"),
		`"` + canary + `"`,
		"secrets_payload:\n- name: " + canary + "_\n  action: create\n  type: opaque\n  data: {k: 1}\n",
		`[{"name":"a","action":"delete","data":"` + canary + `"}]`,
		merging(opaque(ActionApply, "a", "k", canary)),
		`{"name":"a","action":"apply","type":"opaque","merge":"` + canary + `","data":{"k":"` + canary + `"}}`,
		registries(ActionApply, "r", "nvcr.io u "+canary, "docker.io "+canary+" p"),
		`{"name":"r","action":"apply","type":"container_registry","data":{"registries":["` + canary + `",{"username":"` + canary + `"}],"password":"` + canary + `"}}`,
		from("a", `{"env":"`+canary+`"}`, "b", `{"file":"`+canary+`"}`, "c", `{"prompt":"`+canary+`"}`),
		from("a", `"`+canary+`"`, "b", `{"env":1,"file":"`+canary+`"}`, "c", `{"stdin":"`+canary+`"}`, "d", `{"stdin":true}`),
		`{"name":"r","action":"create","type":"container_registry","data":{"registry_server":"nvcr.io","username":{"valueFrom":{"env":"A"}},"password":{"valueFrom":{"stdin":true}}}}`,
		opaque(ActionCreate, "a", "k", " <"+canary+">\n", "l", "aGZfYzRuNHJ5"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := source.Parse("payload", data)
		if err != nil || strings.Contains(strings.Join(keysOf(doc.Root), "\n"), canary) {
			t.Skip() // keys are quoted: they are no values
		}
		ops, err := Parse(doc)
		wantQuiet(t, err)
		if err != nil {
			return
		}
		warnings := Lint(doc, ops)
		if err := Resolve(ops, fuzzPlaces()); err != nil {
			wantQuiet(t, err)
			return
		}
		for _, w := range append(warnings, Lint(doc, ops)...) {
			if strings.Contains(w.Error.Error(), canary) {
				t.Errorf("warning quotes a value: %v", w)
			}
		}
		wantUsable(t, ops)
		shown, err := json.Marshal(NewBatch(noClient{}, "ns", ops).Manifests())
		if err != nil || strings.Contains(string(shown), canary) && !strings.Contains(namesOf(ops), canary) {
			t.Errorf("manifests are %s, %v", shown, err)
		}
	})
}

// fuzzPlaces gives whatever is asked for.
func fuzzPlaces() Sources {
	return Sources{
		Env:    func(name string) (string, bool) { return "env " + canary, !strings.HasPrefix(name, "N") },
		File:   func(string) ([]byte, error) { return []byte("\xff" + canary), nil },
		Stdin:  func() ([]byte, error) { return []byte(canary + "\n"), nil },
		Prompt: func(string) ([]byte, error) { return []byte(canary), nil },
	}
}

// wantQuiet holds an error of Parse or Resolve to its type and to quoting no
// value.
func wantQuiet(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.As(err, &source.Errors{}) {
		t.Errorf("error is a %T, want source.Errors", err)
	}
	if err != nil && strings.Contains(err.Error(), canary) {
		t.Errorf("error quotes a value: %v", err)
	}
}

func namesOf(ops []Operation) string {
	var names strings.Builder
	for _, op := range ops {
		names.WriteString(op.Name + "\n")
	}
	return names.String()
}

func keysOf(n *source.Node) []string {
	var keys []string
	for _, m := range n.Members {
		keys = append(append(keys, m.Key), keysOf(m.Value)...)
	}
	for _, item := range n.Items {
		keys = append(keys, keysOf(item)...)
	}
	return keys
}

// wantUsable holds what Parse accepts to what the rest of the package expects.
func wantUsable(t *testing.T, ops []Operation) {
	t.Helper()
	if len(ops) == 0 {
		t.Error("no operations and no error")
	}
	for _, op := range ops {
		if op.Action == ActionDelete {
			continue
		}
		if s := op.secret(); len(s.Data) == 0 || s.Type == "" || s.Name == "" {
			t.Errorf("operation %v makes an empty Secret", op)
		}
		if op.Type == TypeContainerRegistry && strings.Contains(strings.Join(op.rewrittenServers(), ""), "@") {
			t.Errorf("operation %v would show credentials", op)
		}
	}
}
