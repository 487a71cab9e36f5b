package ownership_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

const (
	byArgoCD = `belongs to Argo CD application "shop", whose next sync would revert the change: change it in the application's source`
	byFlux   = `belongs to Flux Kustomization "apps" in namespace "flux", whose next reconciliation would revert the change: change it in its source`
	byHelm   = `belongs to Helm release "web" in namespace "prod", whose next upgrade would revert the change: change it in the values of the release`
	byOwner  = `is managed by Database "db" (example.com/v1), which may revert the change: change it there`
)

func argoCD(o *metav1.ObjectMeta) {
	metav1.SetMetaDataAnnotation(o, "argocd.argoproj.io/tracking-id", "shop:apps/Deployment:ns/web")
}

func flux(o *metav1.ObjectMeta) {
	metav1.SetMetaDataLabel(o, "kustomize.toolkit.fluxcd.io/name", "apps")
	metav1.SetMetaDataLabel(o, "kustomize.toolkit.fluxcd.io/namespace", "flux")
}

func helm(o *metav1.ObjectMeta) {
	metav1.SetMetaDataLabel(o, "app.kubernetes.io/managed-by", "Helm")
	metav1.SetMetaDataAnnotation(o, "meta.helm.sh/release-name", "web")
	metav1.SetMetaDataAnnotation(o, "meta.helm.sh/release-namespace", "prod")
}

func controller(o *metav1.ObjectMeta) {
	o.OwnerReferences = append(o.OwnerReferences, metav1.OwnerReference{APIVersion: "example.com/v1", Kind: "Database", Name: "db", Controller: new(true)})
}

// owner adds an owner that is not the controller.
func owner(apiVersion, kind string) func(*metav1.ObjectMeta) {
	return func(o *metav1.ObjectMeta) {
		o.OwnerReferences = append(o.OwnerReferences, metav1.OwnerReference{APIVersion: apiVersion, Kind: kind, Name: "db"})
	}
}

func label(key, value string) func(*metav1.ObjectMeta) {
	return func(o *metav1.ObjectMeta) { metav1.SetMetaDataLabel(o, key, value) }
}

func annotation(key, value string) func(*metav1.ObjectMeta) {
	return func(o *metav1.ObjectMeta) { metav1.SetMetaDataAnnotation(o, key, value) }
}

func manager(name string) func(*metav1.ObjectMeta) {
	return func(o *metav1.ObjectMeta) {
		o.ManagedFields = append(o.ManagedFields, metav1.ManagedFieldsEntry{Manager: name})
	}
}

// TestOf checks objects of any kind, also with the marks of several programs: the
// one that undoes a change soonest is named.
func TestOf(t *testing.T) {
	t.Parallel()
	const managedBy = "app.kubernetes.io/managed-by"
	for name, test := range map[string]struct {
		marks []func(*metav1.ObjectMeta)
		want  string
	}{
		"nobody":                         {nil, ""},
		"Argo CD":                        {[]func(*metav1.ObjectMeta){argoCD}, byArgoCD},
		"Argo CD over Helm":              {[]func(*metav1.ObjectMeta){helm, argoCD}, byArgoCD},
		"Flux over Helm":                 {[]func(*metav1.ObjectMeta){helm, flux}, byFlux},
		"controller over all":            {[]func(*metav1.ObjectMeta){argoCD, flux, helm, controller}, byOwner},
		"Helm":                           {[]func(*metav1.ObjectMeta){helm}, byHelm},
		"helm template":                  {[]func(*metav1.ObjectMeta){label(managedBy, "Helm")}, ""},
		"Helm's annotation alone":        {[]func(*metav1.ObjectMeta){annotation("meta.helm.sh/release-name", "web")}, ""},
		"owner that is not a controller": {[]func(*metav1.ObjectMeta){owner("example.com/v1", "Database")}, ""},
		"owner that syncs":               {[]func(*metav1.ObjectMeta){owner("onepassword.com/v1", "OnePasswordItem")}, `is managed by OnePasswordItem "db" (onepassword.com/v1), which may revert the change: change it there`},
		"group that begins alike":        {[]func(*metav1.ObjectMeta){owner("onepassword.community/v1", "Item")}, ""},
		"instance label":                 {[]func(*metav1.ObjectMeta){label("app.kubernetes.io/instance", "shop")}, ""},
		"instance label of Argo CD":      {[]func(*metav1.ObjectMeta){label("app.kubernetes.io/instance", "shop"), manager("argocd-application-controller")}, byArgoCD},
		"instance label of others":       {[]func(*metav1.ObjectMeta){label("app.kubernetes.io/instance", "shop"), manager("kubectl")}, ""},
		"Terraform":                      {[]func(*metav1.ObjectMeta){label(managedBy, "Terraform")}, `is managed by "Terraform" (label app.kubernetes.io/managed-by), which may revert the change: change it there`},
		"some operator":                  {[]func(*metav1.ObjectMeta){label(managedBy, "vault-operator")}, `is managed by "vault-operator" (label app.kubernetes.io/managed-by), which may revert the change: change it there`},
		"a person":                       {[]func(*metav1.ObjectMeta){label(managedBy, "operators")}, ""},
		"addon manager":                  {[]func(*metav1.ObjectMeta){label("addonmanager.kubernetes.io/mode", "Reconcile")}, "is an addon of the cluster, whose manager would revert the change: change its manifest"},
		"addon that may be changed":      {[]func(*metav1.ObjectMeta){label("addonmanager.kubernetes.io/mode", "EnsureExists")}, ""},
		"empty mark":                     {[]func(*metav1.ObjectMeta){annotation("replicator.v1.mittwald.de/replicate-from", "")}, ""},
		"mark of Secrets only":           {[]func(*metav1.ObjectMeta){annotation("operator.1password.io/item-path", "vaults/a")}, ""},
	} {
		o := &metav1.ObjectMeta{Name: "web", Namespace: "ns"}
		for _, mark := range test.marks {
			mark(o)
		}
		if got := ownership.Of(o); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestGitOps finds only programs that sync a repository.
func TestGitOps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mark func(*metav1.ObjectMeta)
		want string
	}{
		"Argo CD":              {argoCD, byArgoCD},
		"Flux":                 {flux, byFlux},
		"Config Sync":          {annotation("configmanagement.gke.io/managed", "enabled"), "is managed by Config Sync, whose next sync would revert the change: change it in its source"},
		"Config Sync disabled": {annotation("configmanagement.gke.io/managed", "disabled"), ""},
		"Helm":                 {helm, ""},
		"controller":           {controller, ""},
	} {
		o := &metav1.ObjectMeta{}
		test.mark(o)
		if got := ownership.GitOps(o); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
