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
	wantOutcomes(t, applied(t, batch), success, success, success)
}

// TestApplyRefusesWhatOthersManage has no Check before it, and operations that
// come to an existing Secret in every way.
func TestApplyRefusesWhatOthersManage(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := readOwned(t)
	tls := all[slices.IndexFunc(all, func(o owned) bool { return o.Secret.Name == "certificate" })]
	tls.Secret.Name = "a"
	c.createOwned(tls)
	version := c.get("a").ResourceVersion
	managed := outcome{StatusError, "ManagedElsewhere", `Secret 'a' is written by Certificate "web" (cert-manager)`}
	for _, payload := range []string{
		opaque(ActionUpdate, "a", "k", "v"), opaque(ActionApply, "a", "k", "v"), merging(opaque(ActionUpdate, "a", "k", "v")),
		remove("a"), `{"name":"a","action":"delete","type":"opaque"}`,
	} {
		wantOutcomes(t, c.apply(payload), managed)
		wantOutcomes(t, applied(t, c.recreating(payload)), managed)
	}
	exists := outcome{StatusError, "AlreadyExists", "Secret 'a' already exists"}
	managed.Words = "Secret 'a' is written by Certificate"
	chain := list(opaque(ActionCreate, "a", "k", "v"), opaque(ActionUpdate, "a", "k", "v"), opaque(ActionCreate, "a", "k", "v"), remove("a"))
	wantOutcomes(t, c.apply(chain), exists, managed, exists, managed)
	wantOutcomes(t, c.check(chain), exists, managed, exists, managed)
	if got := c.get("a").ResourceVersion; got != version {
		t.Error("a managed Secret was changed")
	}
}

// TestApplyRefusesWhatOthersManageWithoutTheRightToRead has the answer to a dry
// run tell the owner.
func TestApplyRefusesWhatOthersManageWithoutTheRightToRead(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.create(&corev1.Secret{ObjectMeta: withMeta("a", map[string]string{"argocd.argoproj.io/instance": "shop"}, nil), Data: map[string][]byte{"k": []byte("v")}})
	c.allow("writer", "create", "patch", "delete")
	writer := c.as(impersonate("writer"))
	want := outcome{StatusError, "ManagedElsewhere", `Argo CD application "shop"`}
	for _, payload := range []string{opaque(ActionUpdate, "a", "k", "w"), opaque(ActionApply, "a", "k", "w"), merging(opaque(ActionUpdate, "a", "k", "w"))} {
		wantOutcomes(t, writer.check(payload), want)
		wantOutcomes(t, writer.apply(payload), want)
	}
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "v"})
}
