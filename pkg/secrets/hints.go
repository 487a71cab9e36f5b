package secrets

import (
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// plain returns a word in lower case without separators, so that stringData, string_data
// and String-Data are equal.
func plain(word string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(word))
}

// operationHints returns hints for keys of other formats and for misplaced keys. The keys
// of the map are in the form that plain returns.
func operationHints() map[string]string {
	const inData = `move it into "data"`
	return map[string]string{
		"stringdata": `use "data" with plain-text values, without base64`, "secretdata": `use "data"`,
		"values": `use "data"`, "value": `use "data", an object of keys and values`,
		"metadata":   `use "name" next to "action"; for labels and annotations, use kubectl label and kubectl annotate`,
		"secretname": `use "name"`, "id": `use "name"`,
		"namespace": "set the namespace with -n NAMESPACE, or with ?namespace=NAMESPACE over HTTP",
		"kind":      `use "type"`, "secrettype": `use "type"`,
		"operation": `use "action"`, "op": `use "action"`, "method": `use "action"`, "verb": `use "action"`,
		"apiversion":  "remove it; an operation is not a Kubernetes manifest",
		"labels":      "use kubectl label secret NAME KEY=VALUE",
		"annotations": "use kubectl annotate secret NAME KEY=VALUE",
		"immutable":   "remove it; immutable Secrets cannot be updated",
		"username":    inData, "password": inData, "email": inData, "registryserver": inData, "registries": inData,
		"token": inData, "key": inData,
		"valuefrom": `move it into "data": {"data": {"KEY": {"valueFrom": …}}}`,
	}
}

// registryHints returns hints for keys of the credentials of a registry.
func registryHints() map[string]string {
	const server, user, password = `use "registry_server"`, `use "username"`, `use "password"`
	return map[string]string{
		"server": server, "registry": server, "host": server, "url": server, "dockerserver": server,
		"user": user, "login": user, "dockerusername": user,
		"pass": password, "pwd": password, "token": password, "dockerpassword": password,
		"mail": `use "email"`, "dockeremail": `use "email"`,
	}
}

// referenceHints returns hints for keys of a reference.
func referenceHints() map[string]string {
	return map[string]string{
		"environment": `use "env"`, "environmentvariable": `use "env"`, "path": `use "file"`, "filename": `use "file"`,
		"secretkeyref":    "use env, file, stdin or prompt; a value cannot come from another Secret",
		"configmapkeyref": "use env, file, stdin or prompt; a value cannot come from a ConfigMap",
	}
}

// payloadKeys returns common misspellings of secrets_payload, in the form that plain
// returns.
func payloadKeys() []string {
	return []string{"secretpayload", "secretspayload", "secretpayloads", "secretspayloads", "payload", "payloads", "secrets", "operations", "items"}
}

// wordHints returns hints for actions and types of other tools. The keys of the map are in
// the form that plain returns.
func wordHints() map[string]string {
	const (
		replace = `use "apply" to create or update a Secret, or "update" to replace the data of an existing one`
		opaque  = `use "opaque"`
		docker  = `use "container_registry"`
	)
	return map[string]string{
		"upsert": `use "apply"`, "createorupdate": `use "apply"`, "put": `use "apply"`, "set": `use "apply"`, "ensure": `use "apply"`, "sync": `use "apply"`,
		"replace": replace, "modify": replace, "edit": replace, "overwrite": replace,
		"patch": `use "update" with "merge": true`, "merge": `use "update" with "merge": true`,
		"add": `use "create"`, "new": `use "create"`, "insert": `use "create"`, "post": `use "create"`,
		"remove": `use "delete"`, "rm": `use "delete"`, "destroy": `use "delete"`, "del": `use "delete"`, "drop": `use "delete"`,
		"generic": opaque, "secret": opaque, "text": opaque, "keyvalue": opaque,
		"docker": docker, "dockerregistry": docker, "dockerconfig": docker, "dockerconfigjson": docker, "registry": docker, "imagepullsecret": docker,
		"kubernetes.io/dockerconfigjson": docker, "kubernetes.io/dockercfg": docker,
		"tls": "use kubectl create secret tls", "kubernetes.io/tls": "use kubectl create secret tls",
	}
}

// manifestHint is the hint for Kubernetes manifests.
const manifestHint = `apply it with kubectl apply -f, or use an operation: {"name": "NAME", "action": "apply", "type": "opaque", "data": {"KEY": "plain text"}}`

// isManifest reports whether an object is a Kubernetes manifest, such as the output of
// kubectl get -o yaml and kubectl create secret --dry-run=client.
func isManifest(n *source.Node) bool {
	return n.Member("action") == nil && n.Member(payloadKey) == nil &&
		(n.Member("apiVersion") != nil || n.Member("kind") != nil && (n.Member("metadata") != nil || n.Member("items") != nil))
}

// manifestKind describes a manifest. It names only kinds that users confuse with payloads,
// because other text may be a secret.
func manifestKind(n *source.Node) string {
	kinds := []string{"Secret", "SecretList", "List", "ConfigMap", "SealedSecret", "ExternalSecret"}
	if kind := n.Member("kind"); kind != nil && slices.Contains(kinds, kind.Text()) {
		return "a Kubernetes manifest of kind " + kind.Text()
	}
	return "a Kubernetes manifest"
}

// notInNames matches characters that are not allowed in the name of a Secret.
var notInNames = regexp.MustCompile(`[^a-z0-9.-]+`)

// nameHint suggests a valid name close to an invalid one, if that reads as a name.
func nameHint(name string) string {
	near := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-.")
	if len(validation.IsDNS1123Subdomain(near)) > 0 || !dataKey.MatchString(strings.Trim(name, "-._ ")) {
		return ""
	}
	return `use "` + near + `"`
}

// dataKeyHint suggests a valid key close to an invalid one, if that reads as a name.
func dataKeyHint(m source.Member) string {
	near := strings.NewReplacer("/", ".", " ", "-", ":", "-").Replace(strings.Trim(m.Key, "/ "))
	if m.Value.Kind == source.Null || !source.IsName(near) || len(validation.IsConfigMapKey(near)) > 0 {
		return ""
	}
	return `use "` + near + `"`
}
