{{/* blueprint.jobSpec: one retry, so that a lost node does not lose the run and a broken program does not hold GPUs for long. */}}
{{- define "blueprint.jobSpec" -}}
backoffLimit: 1
completions: {{ include "blueprint.replicas" . }}
parallelism: {{ include "blueprint.replicas" . }}
template:
  {{- include "blueprint.podTemplate" . | nindent 2 }}
{{- end }}

{{/* blueprint.replicas: a null in a values file deletes the chart's default before the schema sees it. */}}
{{- define "blueprint.replicas" -}}
{{- include "blueprint.number" (list .Values.recipe_replica_count 1) -}}
{{- end }}
