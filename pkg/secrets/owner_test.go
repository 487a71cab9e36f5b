package secrets

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// owned are Secrets as their owners make them, and the words that tell who and
// where.
func owned() map[string]struct {
	secret corev1.Secret
	words  []string
} {
	type one = struct {
		secret corev1.Secret
		words  []string
	}
	controller := func(apiVersion, kind string) corev1.Secret {
		return corev1.Secret{ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{
			{APIVersion: apiVersion, Kind: kind, Name: "boss", UID: "1", Controller: new(true)}}}}
	}
	labels := func(pairs ...string) corev1.Secret {
		return corev1.Secret{ObjectMeta: metav1.ObjectMeta{Labels: mapOf(pairs)}}
	}
	annotations := func(pairs ...string) corev1.Secret {
		return corev1.Secret{ObjectMeta: metav1.ObjectMeta{Annotations: mapOf(pairs)}}
	}
	helm := annotations("meta.helm.sh/release-name", "web", "meta.helm.sh/release-namespace", "prod")
	helm.Labels = map[string]string{"app.kubernetes.io/managed-by": "Helm"}
	flux := *helm.DeepCopy()
	flux.Labels["helm.toolkit.fluxcd.io/name"], flux.Labels["helm.toolkit.fluxcd.io/namespace"] = "web", "flux"
	token := annotations("kubernetes.io/service-account.name", "default")
	token.Type = corev1.SecretTypeServiceAccountToken
	record := labels("name", "web", "owner", "helm")
	record.Type = "helm.sh/release.v1"
	return map[string]one{
		"es-owner":     {controller("external-secrets.io/v1", "ExternalSecret"), []string{"ExternalSecret 'boss'", "in its store"}},
		"es-merge":     {annotations("reconcile.external-secrets.io/data-hash", "x"), []string{"External Secrets", "in its store"}},
		"es-label":     {labels("reconcile.external-secrets.io/managed", "true"), []string{"External Secrets"}},
		"sealed":       {controller("bitnami.com/v1alpha1", "SealedSecret"), []string{"SealedSecret 'boss'", "kubeseal"}},
		"sealed-taken": {annotations("sealedsecrets.bitnami.com/managed", "true"), []string{"SealedSecret 'sealed-taken'"}},
		"certificate":  {annotations("cert-manager.io/certificate-name", "web"), []string{"Certificate 'web'", "cert-manager"}},
		"controller":   {controller("example.com/v1", "Database"), []string{"Database 'boss' (example.com/v1)", "change it there"}},
		"helm":         {helm, []string{"Helm release 'web' in namespace 'prod'", "values"}},
		"argo":         {annotations("argocd.argoproj.io/tracking-id", "shop:/Secret:ns/a"), []string{"Argo CD application 'shop'", "source"}},
		"argo-label":   {labels("argocd.argoproj.io/instance", "shop"), []string{"Argo CD application 'shop'"}},
		"flux":         {labels("kustomize.toolkit.fluxcd.io/name", "apps", "kustomize.toolkit.fluxcd.io/namespace", "flux"), []string{"Flux Kustomization 'apps' in namespace 'flux'"}},
		"flux-helm":    {flux, []string{"Flux HelmRelease 'web' in namespace 'flux'"}},
		"token":        {token, []string{"ServiceAccount 'default'"}},
		"record":       {record, []string{"Helm's record of release 'web'"}},
	}
}

func mapOf(pairs []string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func TestOwners(t *testing.T) {
	t.Parallel()
	for name, tt := range owned() {
		tt.secret.Name = name
		words := ownership.OfSecret(&tt.secret)
		for _, want := range tt.words {
			if !strings.Contains(words, want) {
				t.Errorf("%s: OfSecret says %q, want %q", name, words, want)
			}
		}
	}
	for name, s := range map[string]corev1.Secret{
		"plain":        {},
		"shared label": {ObjectMeta: withMeta("", map[string]string{"app.kubernetes.io/instance": "x", "app.kubernetes.io/managed-by": "Helm"}, nil)},
		"no boss": {ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "v1", Kind: "ConfigMap", Name: "x"}}}},
		"not managed": {ObjectMeta: withMeta("", nil, map[string]string{"sealedsecrets.bitnami.com/managed": "false"})},
	} {
		if words := ownership.OfSecret(&s); words != "" {
			t.Errorf("%s: OfSecret says %q, want nothing", name, words)
		}
	}
}

// TestCheckRefusesWhatOthersManage also has Apply keep to what Check saw.
func TestCheckRefusesWhatOthersManage(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for name, tt := range owned() {
		if name == "token" { // needs its ServiceAccount
			continue
		}
		tt.secret.Name = name
		c.create(&tt.secret)
		version := c.get(name).ResourceVersion
		for _, payload := range []string{opaque(ActionUpdate, name, "k", "v"), opaque(ActionApply, name, "k", "v"), remove(name),
			merging(opaque(ActionUpdate, name, "k", "v")), list(remove(name), opaque(ActionCreate, name, "k", "v"))} {
			refused := outcome{StatusError, "ManagedElsewhere", tt.words[0]}
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
	tls := owned()["certificate"].secret
	tls.Name = "a"
	c.create(&tls)
	want := outcome{StatusError, "ManagedElsewhere", "Secret 'a' is written by Certificate 'web'"}
	wantOutcomes(t, c.apply(`{"name":"a","action":"delete","type":"opaque"}`), want)
	wantOutcomes(t, c.recreating(pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p")).Apply(t.Context()), want)
	wantOutcomes(t, c.apply(opaque(ActionUpdate, "a", "k", "v")), success)
}
