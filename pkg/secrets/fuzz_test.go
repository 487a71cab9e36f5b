package secrets

import (
	"errors"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// FuzzParse marks values with the canary and holds the parser to never quoting
// one.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		list(opaque(ActionCreate, "a", "k", canary), registry(ActionUpdate, "r", "nvcr.io", canary, canary), remove("a")),
		`{"secrets_payload":[` + opaque(ActionUpdate, "a", "k", canary) + `]}`,
		`{"name":"` + canary + `!","action":"` + canary + `","type":"` + canary + `","data":"` + canary + `"}`,
		`{"name":"a","action":"create","type":"opaque","data":{"k":["` + canary + `"],"l":{"m":"` + canary + `"}}}`,
		registry(ActionCreate, "r", "https://u:"+canary+"@nvcr.io", canary+":", ""),
		registry(ActionCreate, "r", canary, " ", "p"),
		registry(ActionCreate, "r", canary+"://nvcr.io", "u", "p"),
		`"` + canary + `"`,
		"secrets_payload:\n- name: " + canary + "_\n  action: create\n  type: opaque\n  data: {k: 1}\n",
		`[{"name":"a","action":"delete","data":"` + canary + `"}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := source.Parse("payload", data)
		if err != nil || strings.Contains(strings.Join(keysOf(doc.Root), "\n"), canary) {
			t.Skip() // keys are quoted: they are no values
		}
		ops, err := Parse(doc)
		if err == nil {
			wantUsable(t, ops)
			return
		}
		if !errors.As(err, &source.Errors{}) {
			t.Errorf("error is a %T, want source.Errors", err)
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("error quotes a value: %v", err)
		}
	})
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
		if op.Type == TypeContainerRegistry && strings.Contains(op.rewrittenServer(), "@") {
			t.Errorf("operation %v would show credentials", op)
		}
	}
}
