package preflight

import (
	"slices"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
)

// kept reports whether a kubelet that has the container's image does not pull
// it. Without a policy the API server has it so for every tag but latest.
// https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
func kept(c corev1.Container) bool {
	if c.ImagePullPolicy != "" {
		return c.ImagePullPolicy == corev1.PullIfNotPresent
	}
	named, err := reference.ParseNormalizedNamed(c.Image)
	if err != nil {
		return false
	}
	tagged, ok := reference.TagNameOnly(named).(reference.Tagged)
	return !ok || tagged.Tag() != "latest"
}

// preloaded counts the nodes that have an image, as kind and minikube load it.
// A node tells of no more than its fifty largest.
func preloaded(nodes []corev1.Node, image string) int {
	want := fullName(image)
	count := 0
	for _, node := range nodes {
		if slices.ContainsFunc(node.Status.Images, func(has corev1.ContainerImage) bool {
			return slices.ContainsFunc(has.Names, func(name string) bool { return fullName(name) == want })
		}) {
			count++
		}
	}
	return count
}

// fullName is an image's name with its registry and tag, which runtimes tell or
// leave out.
func fullName(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return image
	}
	return reference.TagNameOnly(named).String()
}
