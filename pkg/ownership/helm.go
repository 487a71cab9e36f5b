package ownership

import (
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FieldManager is the field manager of all writes of this program.
const FieldManager = "kubectl-blueprint"

// InstanceLabel holds the name of the release that an object or a pod belongs to. The
// chart sets it, but so do many others, so it is not a proof.
const InstanceLabel = "app.kubernetes.io/instance"

// HelmSelector selects the objects of all Helm releases.
const HelmSelector = managedBy + "=" + helm

// The marks that Helm sets and reads. See
// https://helm.sh/docs/topics/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource.
const (
	managedBy        = "app.kubernetes.io/managed-by"
	helm             = "Helm"
	releaseName      = "meta.helm.sh/release-name"
	releaseNamespace = "meta.helm.sh/release-namespace"
	resourcePolicy   = "helm.sh/resource-policy"
)

// HelmRelease returns the Helm release that an object belongs to by Helm's own
// criteria, or "".
func HelmRelease(o metav1.Object) (namespace, name string) {
	annotations := o.GetAnnotations()
	if o.GetLabels()[managedBy] != helm {
		return "", ""
	}
	return annotations[releaseNamespace], annotations[releaseName]
}

// SetHelmRelease marks an object as part of a release, as Helm does.
func SetHelmRelease(o metav1.Object, namespace, name string) {
	labels, annotations := map[string]string{}, map[string]string{}
	maps.Copy(labels, o.GetLabels())
	maps.Copy(annotations, o.GetAnnotations())
	labels[managedBy] = helm
	annotations[releaseNamespace], annotations[releaseName] = namespace, name
	o.SetLabels(labels)
	o.SetAnnotations(annotations)
}

// IsKept reports whether Helm keeps an object that its release no longer has.
func IsKept(o metav1.Object) bool {
	return o.GetAnnotations()[resourcePolicy] == "keep"
}
