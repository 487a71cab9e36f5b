package render

// DeploymentNameAnnotation holds the deployment_name of the recipe as it is spelled
// there. The chart sets it on every object.
const DeploymentNameAnnotation = "kubectl-blueprint.github.io/deployment-name"
