// Package ownership finds out which program manages an object of a cluster.
package ownership

import (
	"cmp"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// OfSecret tells who else keeps a Secret as it is, so that a change would be
// undone or break something, and where to make it instead, in words to follow
// "Secret 'x' ". It is "" where nobody is known to.
func OfSecret(live *corev1.Secret) string {
	for _, find := range []func(*corev1.Secret) string{heldByKind, byExternalSecrets, bySealedSecrets, byCertManager} {
		if words := find(live); words != "" {
			return words
		}
	}
	return Of(live)
}

// Of tells who else keeps an object of any kind as it is, and where to change
// it instead, in words to follow its name. It is "" where nobody is known to.
func Of(live metav1.Object) string {
	return cmp.Or(byController(live), GitOps(live), byHelm(live))
}

// GitOps is Of for the programs that bring a cluster to what is in a
// repository, again and again.
func GitOps(live metav1.Object) string { return cmp.Or(byArgoCD(live), byFlux(live)) }

// heldByKind finds Secrets that a part of Kubernetes or Helm made for itself.
func heldByKind(live *corev1.Secret) string {
	switch live.Type {
	case corev1.SecretTypeServiceAccountToken:
		return fmt.Sprintf("holds the token of ServiceAccount '%s', which the control plane writes: delete and create it with kubectl for a new token",
			live.Annotations[corev1.ServiceAccountNameKey])
	case corev1.SecretTypeBootstrapToken:
		return "holds a bootstrap token of the cluster: change it with kubeadm token"
	case "helm.sh/release.v1":
		return fmt.Sprintf("is Helm's record of release '%s': use helm", live.Labels["name"])
	}
	return ""
}

func byExternalSecrets(live *corev1.Secret) string {
	if owner := metav1.GetControllerOf(live); owner != nil && groupOf(owner.APIVersion) == "external-secrets.io" {
		return fmt.Sprintf("is written by %s '%s' (External Secrets), which would undo the change: change the value in its store", owner.Kind, owner.Name)
	}
	if live.Labels["reconcile.external-secrets.io/managed"] == "true" || live.Annotations["reconcile.external-secrets.io/data-hash"] != "" {
		return "is written by External Secrets, which would undo the change: change the value in its store"
	}
	return ""
}

func bySealedSecrets(live *corev1.Secret) string {
	name := live.Name
	owner := metav1.GetControllerOf(live)
	if owner != nil && owner.Kind == "SealedSecret" {
		name = owner.Name
	} else if live.Annotations["sealedsecrets.bitnami.com/managed"] != "true" {
		return ""
	}
	return fmt.Sprintf("is written by SealedSecret '%s', which would undo the change: seal the new value with kubeseal", name)
}

func byCertManager(live *corev1.Secret) string {
	if name := live.Annotations["cert-manager.io/certificate-name"]; name != "" {
		return fmt.Sprintf("is written by Certificate '%s' (cert-manager), which would undo the change: change the Certificate", name)
	}
	return ""
}

func byController(live metav1.Object) string {
	if owner := metav1.GetControllerOf(live); owner != nil {
		return fmt.Sprintf("is managed by %s '%s' (%s), which may undo the change: change it there", owner.Kind, owner.Name, owner.APIVersion)
	}
	return ""
}

func byHelm(live metav1.Object) string {
	release := live.GetAnnotations()["meta.helm.sh/release-name"]
	if release == "" || live.GetLabels()["app.kubernetes.io/managed-by"] != "Helm" {
		return ""
	}
	return fmt.Sprintf("belongs to Helm release '%s' in namespace '%s', whose next upgrade would undo the change: change it in the values of the release",
		release, live.GetAnnotations()["meta.helm.sh/release-namespace"])
}

// byArgoCD takes both ways in which Argo CD tracks what it applied, but not the
// label that it shares with everybody.
func byArgoCD(live metav1.Object) string {
	app, _, _ := strings.Cut(live.GetAnnotations()["argocd.argoproj.io/tracking-id"], ":")
	if app == "" {
		app = live.GetLabels()["argocd.argoproj.io/instance"]
	}
	if app == "" {
		return ""
	}
	return fmt.Sprintf("belongs to Argo CD application '%s', whose next sync would undo the change: change it in the application's source", app)
}

func byFlux(live metav1.Object) string {
	for _, by := range []struct{ kind, prefix string }{
		{"Kustomization", "kustomize.toolkit.fluxcd.io/"}, {"HelmRelease", "helm.toolkit.fluxcd.io/"},
	} {
		if name := live.GetLabels()[by.prefix+"name"]; name != "" {
			return fmt.Sprintf("belongs to Flux %s '%s' in namespace '%s', whose next reconciliation would undo the change: change it in its source",
				by.kind, name, live.GetLabels()[by.prefix+"namespace"])
		}
	}
	return ""
}

func groupOf(apiVersion string) string {
	group, _, _ := strings.Cut(apiVersion, "/")
	return group
}
