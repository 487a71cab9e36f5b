{{/* blueprint.name names all objects after the deployment; 53 characters leave room for suffixes, and are what a Helm release name may have. LeaderWorkerSet names a StatefulSet NAME-GROUP, and its pods have a label NAME-GROUP-HASH of at most 63 characters, which leaves 48 for up to 1000 groups. */}}
{{- define "blueprint.name" -}}
{{- $original := .Values.deployment_name -}}
{{- $name := include "blueprint.canonical" $original -}}
{{- $longest := ternary 41 46 (eq (include "blueprint.multinode" .) "true") -}}
{{- if gt (len $name) $longest -}}
{{- $name = printf "%s-%s" (trunc (sub $longest 9 | int) $name | trimSuffix "-") ($original | sha256sum | trunc 8) -}}
{{- end -}}
recipe-{{ $name }}
{{- end }}

{{/* blueprint.canonical makes free text fit for a name: lower case, blanks become dashes, and what else is no letter, digit or dash goes. */}}
{{- define "blueprint.canonical" -}}
{{- include "blueprint.squeeze" (regexReplaceAll "[^a-z0-9-]" (regexReplaceAll "\\s" (lower .) "-") "") -}}
{{- end }}

{{/* blueprint.squeeze leaves one dash where there are several, and none at either end. */}}
{{- define "blueprint.squeeze" -}}
{{- regexReplaceAll "-+" . "-" | trimAll "-" -}}
{{- end }}

{{/* blueprint.metadata is that of every object named like the deployment itself. */}}
{{- define "blueprint.metadata" -}}
metadata:
  name: {{ include "blueprint.name" . }}
{{ include "blueprint.marks" . | indent 2 }}
{{- end }}

{{/* blueprint.marks are the labels and annotations of an object with a name of its own. */}}
{{- define "blueprint.marks" -}}
labels:
  {{- include "blueprint.labels" . | nindent 2 }}
annotations:
  {{- include "blueprint.annotations" . | nindent 2 }}
{{- end }}

{{/* blueprint.selectorLabels select the pods of a recipe. A Deployment's selector cannot be changed, and a changed pod template restarts pods or makes another Job, so nothing may be added here. */}}
{{- define "blueprint.selectorLabels" -}}
app.kubernetes.io/name: {{ include "blueprint.name" . | trimPrefix "recipe-" | quote }}
app.kubernetes.io/instance: {{ include "blueprint.name" . }}
{{- end }}

{{/* blueprint.labels are the labels of every object of a recipe, not of its pods: those of the chart change with each of its versions. */}}
{{- define "blueprint.labels" -}}
{{ include "blueprint.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | trunc 63 | quote }}
app.kubernetes.io/managed-by: Helm
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* blueprint.annotations keeps what the recipe says about itself; only objects have them, so that a new title restarts no pod. */}}
{{- define "blueprint.annotations" -}}
kubectl-blueprint.github.io/deployment-name: {{ include "blueprint.quote" .Values.deployment_name }}
{{- if typeIs "string" .Values.recipe_id }}
kubectl-blueprint.github.io/recipe-id: {{ include "blueprint.quote" .Values.recipe_id }}
{{- end }}
{{- if typeIs "string" .Values.pre_filled_sample_name }}
kubectl-blueprint.github.io/sample: {{ include "blueprint.quote" .Values.pre_filled_sample_name }}
{{- end }}
{{- end }}
