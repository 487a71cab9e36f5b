package secrets

import (
	"os"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// owned is a Secret as the program that manages it makes it, with words that a
// refusal has to have. It has none if nothing manages it.
type owned struct {
	Words   []string
	Manager string
	Secret  corev1.Secret
}

func readOwned(t *testing.T) []owned {
	t.Helper()
	data, err := os.ReadFile("../ownership/testdata/owned.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []owned
	if err := yaml.UnmarshalStrict(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// createOwned creates it as its manager does.
func (c cluster) createOwned(o owned) {
	c.t.Helper()
	if _, err := c.client.Secrets(c.namespace).Create(c.t.Context(), &o.Secret, metav1.CreateOptions{FieldManager: o.Manager}); err != nil {
		c.t.Fatal(err)
	}
}

// TestCheckRefusesWhatOthersManage also has Apply keep to what Check saw.
func TestCheckRefusesWhatOthersManage(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for _, tt := range readOwned(t) {
		name := tt.Secret.Name
		if name == "token" { // needs its ServiceAccount
			continue
		}
		c.createOwned(tt)
		if len(tt.Words) == 0 {
			wantOutcomes(t, c.checkAndApply(list(merging(opaque(ActionUpdate, name, "k", "v")), remove(name))), success, success)
			continue
		}
		version := c.get(name).ResourceVersion
		for _, payload := range []string{opaque(ActionUpdate, name, "k", "v"), opaque(ActionApply, name, "k", "v"), remove(name),
			merging(opaque(ActionUpdate, name, "k", "v")), list(remove(name), opaque(ActionCreate, name, "k", "v"))} {
			refused := outcome{StatusError, "ManagedElsewhere", tt.Words[0]}
			wantOutcomes(t, c.check(payload)[:1], refused)
			wantOutcomes(t, c.checkAndApply(payload)[:1], refused)
		}
		if got := c.get(name).ResourceVersion; got != version {
			t.Errorf("%s was changed", name)
		}
	}
	batch := c.batch(list(merging(opaque(ActionUpdate, "helm", "k", "v")), opaque(ActionUpdate, "helm", "k", "w"), remove("argo")))
	batch.Force = true
	results, err := batch.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, results, success, success, success)
	wantOutcomes(t, batch.Apply(t.Context()), success, success, success)
}

// TestApplyWithoutCheckRefusesWhatItReads looks at the operations that read the
// Secret anyway.
func TestApplyWithoutCheckRefusesWhatItReads(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := readOwned(t)
	tls := all[slices.IndexFunc(all, func(o owned) bool { return o.Secret.Name == "certificate" })]
	tls.Secret.Name = "a"
	c.createOwned(tls)
	want := outcome{StatusError, "ManagedElsewhere", "Secret 'a' is written by Certificate 'web'"}
	wantOutcomes(t, c.apply(`{"name":"a","action":"delete","type":"opaque"}`), want)
	wantOutcomes(t, c.recreating(pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p")).Apply(t.Context()), want)
	wantOutcomes(t, c.apply(opaque(ActionUpdate, "a", "k", "v")), success)
}
