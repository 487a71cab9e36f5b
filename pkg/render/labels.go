package render

// What the chart puts on every object, for those who meet the objects later.
const (
	// InstanceLabel holds the workload's name, on objects and their pods.
	InstanceLabel = "app.kubernetes.io/instance"
	// DeploymentNameAnnotation holds the recipe's deployment_name as it was
	// spelled there.
	DeploymentNameAnnotation = "kubectl-blueprint.github.io/deployment-name"
)
