package secrets

import (
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// plain returns a word without the differences between spellings such as
// stringData, string_data and String-Data.
func plain(word string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(word))
}

// operationHints returns what to write in place of keys of other formats, or of keys that
// belong elsewhere. The map's keys are spelled as plain spells them.
func operationHints() map[string]string {
	const inData = `move it into "data"`
	return map[string]string{
		"stringdata": `write "data": its values are plain text, without base64`, "secretdata": `write "data"`,
		"values": `write "data"`, "value": `write "data", an object of keys and values`,
		"metadata":   `write "name" beside "action"; for labels and annotations use kubectl label and kubectl annotate`,
		"secretname": `write "name"`, "id": `write "name"`,
		"namespace": "choose the namespace with -n NAMESPACE, or over HTTP with ?namespace=NAMESPACE",
		"kind":      `write "type"`, "secrettype": `write "type"`,
		"operation": `write "action"`, "op": `write "action"`, "method": `write "action"`, "verb": `write "action"`,
		"apiversion":  "remove it: an operation is not a Kubernetes manifest",
		"labels":      "use kubectl label secret NAME KEY=VALUE",
		"annotations": "use kubectl annotate secret NAME KEY=VALUE",
		"immutable":   "remove it: immutable Secrets cannot be updated",
		"username":    inData, "password": inData, "email": inData, "registryserver": inData, "registries": inData,
		"token": inData, "key": inData,
		"valuefrom": `move it into "data", under a key: {"data": {"KEY": {"valueFrom": …}}}`,
	}
}

// registryHints returns what operationHints does, for the credentials of a registry.
func registryHints() map[string]string {
	const server, user, password = `write "registry_server"`, `write "username"`, `write "password"`
	return map[string]string{
		"server": server, "registry": server, "host": server, "url": server, "dockerserver": server,
		"user": user, "login": user, "dockerusername": user,
		"pass": password, "pwd": password, "token": password, "dockerpassword": password,
		"mail": `write "email"`, "dockeremail": `write "email"`,
	}
}

// referenceHints returns what operationHints does, for a value by reference.
func referenceHints() map[string]string {
	return map[string]string{
		"environment": `write "env"`, "environmentvariable": `write "env"`, "path": `write "file"`, "filename": `write "file"`,
		"secretkeyref":    "use env, file, stdin or prompt: a value cannot come from another Secret",
		"configmapkeyref": "use env, file, stdin or prompt: a value cannot come from a ConfigMap",
	}
}

// payloadKeys returns common misspellings of secrets_payload, spelled as plain spells
// them.
func payloadKeys() []string {
	return []string{"secretpayload", "secretspayload", "secretpayloads", "secretspayloads", "payload", "payloads", "secrets", "operations", "items"}
}

// wordHints returns the action or type for words of other tools, spelled as plain spells
// them.
func wordHints() map[string]string {
	const (
		replace = `use "apply" to create or update, or "update" to replace the data of a Secret that exists`
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

// manifestHint is what to do with a file that is for kubectl.
const manifestHint = `apply it with kubectl apply -f, or write an operation: {"name": "NAME", "action": "apply", "type": "opaque", "data": {"KEY": "plain text"}}`

// isManifest reports whether an object is one of Kubernetes, such as what
// kubectl get -o yaml and kubectl create secret --dry-run=client print.
func isManifest(n *source.Node) bool {
	return n.Member("action") == nil && n.Member(payloadKey) == nil &&
		(n.Member("apiVersion") != nil || n.Member("kind") != nil && (n.Member("metadata") != nil || n.Member("items") != nil))
}

// manifestKind names the kind of a manifest, if it is one that people mistake
// for a payload. Other text is not quoted.
func manifestKind(n *source.Node) string {
	kinds := []string{"Secret", "SecretList", "List", "ConfigMap", "SealedSecret", "ExternalSecret"}
	if kind := n.Member("kind"); kind != nil && slices.Contains(kinds, kind.Text()) {
		return "a Kubernetes manifest of kind " + kind.Text()
	}
	return "a Kubernetes manifest"
}

// notInNames matches what the name of a Secret must not have.
var notInNames = regexp.MustCompile(`[^a-z0-9.-]+`)

// nameHint suggests a valid name that is near to one that is not, if the text
// reads as a name at all.
func nameHint(name string) string {
	near := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-.")
	if len(validation.IsDNS1123Subdomain(near)) > 0 || !dataKey.MatchString(strings.Trim(name, "-._ ")) {
		return ""
	}
	return `use "` + near + `"`
}

// dataKeyHint suggests a valid key that is near to one that is not, if the text
// reads as a name at all.
func dataKeyHint(m source.Member) string {
	near := strings.NewReplacer("/", ".", " ", "-", ":", "-").Replace(strings.Trim(m.Key, "/ "))
	if m.Value.Kind == source.Null || !source.IsName(near) || len(validation.IsConfigMapKey(near)) > 0 {
		return ""
	}
	return `use "` + near + `"`
}
