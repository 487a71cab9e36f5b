{{/* blueprint.name returns the name of all objects. 53 characters are the maximum length of a Helm release name and leave room for suffixes. LeaderWorkerSet creates a StatefulSet NAME-GROUP whose pods have a label NAME-GROUP-HASH of at most 63 characters, which leaves 48 characters for up to 1000 groups. */}}
{{- define "blueprint.name" -}}
{{- $original := .Values.deployment_name -}}
{{- $name := include "blueprint.slug" $original -}}
{{- $longest := ternary 41 46 (eq (include "blueprint.multinode" .) "true") -}}
{{- if gt (len $name) $longest -}}
{{- $name = printf "%s-%s" (trunc (sub $longest 9 | int) $name | trimSuffix "-") ($original | sha256sum | trunc 8) -}}
{{- end -}}
recipe-{{ $name }}
{{- end }}

{{/* blueprint.slug converts free text to a name: lower case, with spaces replaced by dashes and characters other than letters, digits and dashes dropped. */}}
{{- define "blueprint.slug" -}}
{{- include "blueprint.collapseDashes" (regexReplaceAll "[^a-z0-9-]" (regexReplaceAll "\\s" (lower .) "-") "") -}}
{{- end }}

{{/* blueprint.collapseDashes replaces consecutive dashes with one, and trims dashes at both ends. */}}
{{- define "blueprint.collapseDashes" -}}
{{- regexReplaceAll "-+" . "-" | trimAll "-" -}}
{{- end }}

{{/* blueprint.metadata renders the metadata of an object that has the name of the deployment. */}}
{{- define "blueprint.metadata" -}}
metadata:
  name: {{ include "blueprint.name" . }}
{{ include "blueprint.commonMetadata" . | indent 2 }}
{{- end }}

{{/* blueprint.commonMetadata renders the labels and annotations of an object with another name. */}}
{{- define "blueprint.commonMetadata" -}}
labels:
  {{- include "blueprint.labels" . | nindent 2 }}
annotations:
  {{- include "blueprint.annotations" . | nindent 2 }}
{{- end }}

{{/* blueprint.selectorLabels renders the labels that select the pods of a recipe. Do not add labels: the selector of a Deployment is immutable, and a changed pod template restarts pods or creates another Job. */}}
{{- define "blueprint.selectorLabels" -}}
app.kubernetes.io/name: {{ include "blueprint.name" . | trimPrefix "recipe-" | quote }}
app.kubernetes.io/instance: {{ include "blueprint.name" . }}
{{- end }}

{{/* blueprint.labels renders the labels of every object of a recipe, but not of its pods, because chart labels change with each version. */}}
{{- define "blueprint.labels" -}}
{{ include "blueprint.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | trunc 63 | quote }}
app.kubernetes.io/managed-by: Helm
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* blueprint.annotations records the names and IDs of the recipe. Only objects have these annotations, so that a new title does not restart pods. */}}
{{- define "blueprint.annotations" -}}
kubectl-blueprint.github.io/deployment-name: {{ include "blueprint.quote" .Values.deployment_name }}
{{- if typeIs "string" .Values.recipe_id }}
kubectl-blueprint.github.io/recipe-id: {{ include "blueprint.quote" .Values.recipe_id }}
{{- end }}
{{- if typeIs "string" .Values.pre_filled_sample_name }}
kubectl-blueprint.github.io/sample: {{ include "blueprint.quote" .Values.pre_filled_sample_name }}
{{- end }}
{{- end }}
