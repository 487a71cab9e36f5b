package secrets

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

func TestManifests(t *testing.T) {
	t.Parallel()
	ops := parse(t, list(
		opaque(ActionCreate, "a", "k", canary, "b", canary),
		merging(opaque(ActionUpdate, "a", "l", canary)),
		remove("d"),
		registries(ActionApply, "r", "nvcr.io u "+canary),
		from("k", `{"env":"`+canary+`"}`),
	))
	got, err := yaml.Marshal(NewBatch(noClient{}, "ns", ops).Manifests())
	if err != nil {
		t.Fatal(err)
	}
	const secret = "- apiVersion: v1\n  data:\n"
	mask := func(keys ...string) string {
		text := secret
		for _, key := range keys {
			text += "    " + key + ": '***'\n"
		}
		return text
	}
	meta := func(name, kind string) string {
		return "  kind: Secret\n  metadata:\n    name: " + name + "\n    namespace: ns\n  type: " + kind + "\n"
	}
	want := mask("b", "k") + meta("a", "Opaque") + mask("b", "k", "l") + meta("a", "Opaque") +
		mask(".dockerconfigjson") + meta("r", "kubernetes.io/dockerconfigjson") + mask("k") + meta("a", "Opaque")
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("manifests (-want +got):\n%s", diff)
	}
	wantNoCanary(t, "manifests", string(got))
}

// noClient is for what makes no request.
type noClient struct{}

func (noClient) Secrets(string) corev1client.SecretInterface { return nil }

func (noClient) RESTClient() rest.Interface { return nil }

func TestManifestsAfterCheckHaveTheOtherKeys(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "old", "v")), success)
	batch := c.batch(list(merging(opaque(ActionUpdate, "a", "k", canary)), opaque(ActionUpdate, "a", "k", canary)))
	if _, err := batch.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	var keys [][]string
	for _, m := range batch.Manifests() {
		keys = append(keys, stateOf(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: m.Metadata.Name}, Data: bytesOf(m.Data)}).keys)
	}
	if diff := cmp.Diff([][]string{{"k", "old"}, {"k"}}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func bytesOf(data map[string]Value) map[string][]byte {
	all := map[string][]byte{}
	for key := range data {
		all[key] = nil
	}
	return all
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	ops := parse(t, list(
		opaque(ActionCreate, "a", "k", canary, "b", canary),
		opaque(ActionUpdate, "a", "k", canary),
		opaque(ActionCreate, "a", "k", canary),
		opaque(ActionApply, "b", "k", canary),
		pullSecret(ActionUpdate, "r", "docker.io", "u", canary),
		remove("b"),
		remove("b"),
		opaque(ActionApply, "b", "k", canary),
		from("k", `{"prompt":"x"}`),
	))
	results := NewBatch(noClient{}, "ns", ops).DryRun()
	wantOutcomes(t, results,
		outcome{Status: StatusSuccess, Words: "Secret 'a' created successfully (dry run)"},
		outcome{Status: StatusSuccess, Words: "Secret 'a' updated successfully, removed keys: b (dry run)"},
		outcome{StatusError, "AlreadyExists", "after operation 2, Secret 'a' already exists"},
		outcome{Status: StatusSuccess, Words: "Secret 'b' applied successfully (dry run)"},
		outcome{Status: StatusSuccess, Words: "Secret 'r' updated successfully, registry server normalized to https://index.docker.io/v1/ (dry run)"},
		outcome{Status: StatusSuccess, Words: "Secret 'b' deleted successfully (dry run)"},
		outcome{StatusError, "NotFound", "after operation 6, Secret 'b' does not exist"},
		outcome{Status: StatusSuccess, Words: "Secret 'b' created successfully (dry run)"},
		outcome{Status: StatusSuccess, Words: "Secret 'a' applied successfully (dry run)"})
	if r := results[4]; r.Changed != nil || r.Keys[0] != ".dockerconfigjson" {
		t.Errorf("result is %+v", r)
	}
	text, _ := json.Marshal(results)
	wantNoCanary(t, "results", string(text))
}
