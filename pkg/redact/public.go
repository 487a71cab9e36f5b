package redact

import (
	"regexp"
	"strings"
)

// fields are the fields of metadata and specs that validation errors name most often.
const fields = `name|generateName|namespace|labels|annotations|finalizers|ownerReferences|template|spec|selector|matchLabels|replicas|containers|initContainers|image|env|value|valueFrom|resources|requests|limits|ports|containerPort|volumes|volumeMounts|mountPath|imagePullSecrets|serviceAccountName|nodeSelector|tolerations|completions|parallelism|backoffLimit|storageClassName|accessModes|rules|tls|clusterIP|type`

// amount is an entry of a quota.
const amount = `(?:count/|requests\.|limits\.)?(?:cpu|memory|storage|ephemeral-storage|[a-z]{2,10}\.com/gpu|pods|secrets|configmaps|services(?:\.[a-z]{9,13})?|persistentvolumeclaims|replicationcontrollers|deployments\.apps|jobs\.batch)=[0-9.]+[A-Za-z]{0,2}`

// phrases match messages of the API server and its clients about ordinary failures. These
// do not depend on values, so values that occur in them are not masked there.
var phrases = regexp.MustCompile(strings.Join([]string{
	regexp.QuoteMeta(Withheld),
	`(?:\b(?:secrets|configmaps|pods|services|deployments\.apps|jobs\.batch) )?is forbidden: User "(?:system:serviceaccount:|system:)?`,
	`" cannot (?:create|get|list|watch|update|patch|delete|deletecollection) resource "[a-z]+(?:/[a-z]+)?" in API group "[a-z.]*(?:k8s\.io)?"`,
	` in the namespace "`, ` at the cluster scope`,
	`is forbidden: exceeded quota: `, `is forbidden: failed quota: `, `is forbidden: violates PodSecurity "`, `is forbidden: `,
	`\b(?:secrets|Secret|namespaces|configmaps|ConfigMap|pods|services|Service|serviceaccounts|persistentvolumeclaims|PersistentVolumeClaim|deployments\.apps|Deployment\.apps|jobs\.batch|Job\.batch) "`,
	`" already exists\b`, `" not found\b`, `object is being deleted: `, `" is invalid: `,
	`(?:, )?\b(?:requested|used|limited): (?:` + amount + `,)*` + amount, `must specify `,
	`\b(?:metadata|spec|status)(?:\.(?:` + fields + `)(?:\[[0-9]+\])?)+(?:: |\b)`, `\b(?:data|metadata|spec|type|immutable): `, `\b(?:stringData|data)\[`,
	`(?:Invalid|Required|Unsupported|Duplicate) value(?:: )?`, `supported values: `, `Forbidden: `, `Too long: `, `Not found: `, `Internal error occurred: `,
	"field is immutable(?: when `immutable` is set)?", `may not be (?:more than|longer than|less than) `, `must be (?:no more than|no longer than|greater than or equal to|less than or equal to|of the form) `, `must have at most `, `\b[0-9]+ (?:bytes|characters)\b`,
	`a (?:valid config key|valid label|lowercase RFC 1123 (?:subdomain|label)|DNS-1035 label) must (?:be an empty string or )?consist of (?:lower case )?alphanumeric characters, '-'(?:, '_')? or '[._]'`,
	`, and must start (?:and end )?with an alphanumeric character`, `regex used for validation is '`, `\(e\.g\. `,
	`<secret contents redacted>`, `unexpected end of JSON input`, `invalid character '`,
	`Operation cannot be fulfilled on `, `the object has been modified; please apply your changes to the latest version and try again`,
	`admission webhook "`, `" denied (?:the )?request(?: without explanation)?\b`, `failed calling webhook "`, `failed to call webhook: `,
	`ValidatingAdmissionPolicy '`, `' with binding '`, `' denied request: `, `failed expression: `,
	`unable to create new content in namespace `, ` because it is being terminated`,
	`the server (?:could not find the requested resource|has asked for the client to provide credentials|is currently unable to handle the request|doesn't have a resource type|was unable to return a response in the time allotted|rejected our request)`,
	`an error on the server \("`, `"\) has prevented the request from succeeding(?: \((?:get|post|put|patch|delete) [a-z.]+(?: "?)?)?`,
	`no matches for kind "`, `" in version "`, `strict decoding error: `, `unknown field "`,
	`etcdserver: request (?:timed out|is too large)`, `request is too large`, `Too many requests: `, `request did not complete within `, `requested timeout`, `rpc error: code = \w+ desc = (?:transport is closing)?`,
	`context (?:deadline exceeded|canceled)`, `\(Client\.Timeout exceeded while awaiting headers\)`, `connection (?:refused|reset by peer)`, `no such host`, `no route to host`, `i/o timeout`, `network is unreachable`, `server misbehaving`, `http2: client connection lost`, `unexpected EOF`,
	`tls: failed to verify certificate: `, `x509: certificate (?:signed by unknown authority|has expired or is not yet valid)`, `\bUnauthorized\b`,
	`"https?://[a-z0-9.:\[\]-]+/(?:api/v1|apis/[a-z0-9.]+/v[0-9a-z]+)(?:/namespaces/[a-z0-9-]+/[a-z]+)?`, `fieldManager=kubectl-blueprint`, `fieldValidation=[A-Z][a-z]+`, `dryRun=All`, `timeout=[0-9]+s`,
	`system:serviceaccount:`, `system:authenticated`, `kubernetes\.io/(?:dockerconfigjson|dockercfg|service-account-token|tls|basic-auth|ssh-auth)`,
	`allowPrivilegeEscalation|unrestricted capabilities|runAsNonRoot|seccompProfile|securityContext`,
}, "|"))

// number matches public numbers in ordinary messages.
var number = regexp.MustCompile(`(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?|\]:[0-9]{1,5}\b|[a-z]:[0-9]{1,5}/|\b[0-9]+(?:ms|s|m|h)\b|\b(?:revision|generation|code =) [0-9]+\b`)

// public returns the public parts of text: names as whole words,
// and phrases.
func (ix *index) public(text string) []span {
	return append(ix.names.words(text), spans(phrases, text)...)
}

// numbers returns the public numbers in text.
func numbers(text string) []span { return spans(number, text) }

func spans(re *regexp.Regexp, text string) []span {
	var all []span
	for _, found := range re.FindAllStringIndex(text, -1) {
		all = append(all, span{found[0], found[1]})
	}
	return all
}
