// Package ownership finds the program that manages an object of a cluster: Helm, Argo
// CD, Flux, or an operator that writes Secrets. It reads labels, annotations, owner
// references and field managers, and sends no requests. It also holds the marks that
// this program itself sets.
package ownership

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// OfSecret returns which program manages a Secret and would revert a change or fail
// because of it, and, after ": ", where to make the change instead. The text continues
// a sentence that begins with the Secret. It is "" if no such program is known.
func OfSecret(live *corev1.Secret) string {
	for _, find := range []func(*corev1.Secret) string{byType, byExternalSecrets, bySealedSecrets, byCertManager} {
		if words := find(live); words != "" {
			return words
		}
	}
	return cmp.Or(byMark(live, secretMarks), Of(live))
}

// Of returns the same as OfSecret for an object of any kind.
func Of(live metav1.Object) string {
	return cmp.Or(byController(live), bySyncOwner(live), GitOps(live), byHelm(live), byMark(live, marks), byManagedByLabel(live))
}

// GitOps returns the same as Of, but only for programs that continuously sync a cluster
// with a repository.
func GitOps(live metav1.Object) string {
	return cmp.Or(byArgoCD(live), byFlux(live), byMark(live, gitOpsMarks))
}

// byType recognizes Secrets that Kubernetes, Helm or Crossplane create.
func byType(live *corev1.Secret) string {
	switch live.Type {
	case corev1.SecretTypeServiceAccountToken:
		return fmt.Sprintf("holds the token of ServiceAccount %q, which the control plane writes: delete and create it with kubectl for a new token",
			live.Annotations[corev1.ServiceAccountNameKey])
	case corev1.SecretTypeBootstrapToken:
		return "holds a bootstrap token of the cluster: change it with kubeadm token"
	case "helm.sh/release.v1":
		return fmt.Sprintf("is Helm's record of release %q: use helm", live.Labels["name"])
	}
	if group, _, ok := strings.Cut(string(live.Type), "/"); ok && group == "connection.crossplane.io" {
		if owner := metav1.GetControllerOf(live); owner != nil {
			return fmt.Sprintf("holds the connection details of %s %q, which Crossplane writes: change them there", owner.Kind, owner.Name)
		}
		return "holds connection details that Crossplane writes: change them in the resource that they belong to"
	}
	return ""
}

// byExternalSecrets finds Secrets by the labels and the annotation of External Secrets,
// because its creation policies Orphan and Merge set no owner.
func byExternalSecrets(live *corev1.Secret) string {
	const prefix, undo = "reconcile.external-secrets.io/", "which would revert the change: change the value in its store"
	if owner := metav1.GetControllerOf(live); owner != nil && schema.FromAPIVersionAndKind(owner.APIVersion, owner.Kind).Group == "external-secrets.io" {
		return fmt.Sprintf("is written by %s %q (External Secrets), %s", owner.Kind, owner.Name, undo)
	}
	if live.Labels[prefix+"managed"] != "true" && live.Labels[prefix+"created-by"] == "" && live.Annotations[prefix+"data-hash"] == "" {
		return ""
	}
	for _, entry := range live.ManagedFields {
		if name, ok := strings.CutPrefix(entry.Manager, "externalsecrets.external-secrets.io/"); ok {
			return fmt.Sprintf("is written by ExternalSecret %q (External Secrets), %s", name, undo)
		}
	}
	return "is written by External Secrets, " + undo
}

func bySealedSecrets(live *corev1.Secret) string {
	const prefix = "sealedsecrets.bitnami.com/"
	name := live.Name
	owner := metav1.GetControllerOf(live)
	if owner != nil && owner.Kind == "SealedSecret" {
		name = owner.Name
	} else if !slices.ContainsFunc([]string{"managed", "patch", "skip-set-owner-references"}, func(key string) bool {
		return live.Annotations[prefix+key] == "true"
	}) {
		return ""
	}
	return fmt.Sprintf("is written by SealedSecret %q, which would revert the change: seal the new value with kubeseal", name)
}

func byCertManager(live *corev1.Secret) string {
	switch name := live.Annotations["cert-manager.io/certificate-name"]; {
	case name != "":
		return fmt.Sprintf("is written by Certificate %q (cert-manager), which would revert the change: change the Certificate", name)
	case live.Labels["controller.cert-manager.io/fao"] == "true", live.Labels["cert-manager.io/next-private-key"] == "true":
		return "is written by cert-manager, which would revert the change: change the Certificate or the Issuer that it belongs to"
	}
	return ""
}

func byController(live metav1.Object) string {
	if owner := metav1.GetControllerOf(live); owner != nil {
		return managedByOwner(*owner)
	}
	return ""
}

// syncers are the API groups of operators that write Secrets and name themselves
// as an owner that is not the controller.
var syncers = []string{"secrets.hashicorp.com", "onepassword.com", "secrets-store.csi.x-k8s.io", "secrets.doppler.com", "secrets.infisical.com", "k8s.bitwarden.com"}

func bySyncOwner(live metav1.Object) string {
	for _, owner := range live.GetOwnerReferences() {
		if slices.Contains(syncers, schema.FromAPIVersionAndKind(owner.APIVersion, owner.Kind).Group) {
			return managedByOwner(owner)
		}
	}
	return ""
}

func managedByOwner(owner metav1.OwnerReference) string {
	return fmt.Sprintf("is managed by %s %q (%s), which may revert the change: change it there", owner.Kind, owner.Name, owner.APIVersion)
}
