{{/* blueprint.jobSpec renders a Job with one retry, so that a lost node does not lose the run and a broken program does not block GPUs for long. It does not set suspend: Kueue suspends jobs of a team itself, and another deploy would suspend a running job. */}}
{{- define "blueprint.jobSpec" -}}
backoffLimit: 1
completions: {{ include "blueprint.replicas" . }}
parallelism: {{ include "blueprint.replicas" . }}
template:
  {{- include "blueprint.podTemplate" . | nindent 2 }}
{{- end }}

{{/* blueprint.queueLabels assigns a job to the queue of its team, with the priority of the team. */}}
{{- define "blueprint.queueLabels" -}}
{{- with .Values.recipe_team_info -}}
{{- $team := include "blueprint.slug" .team_name -}}
kueue.x-k8s.io/queue-name: {{ $team }}-local-queue
kueue.x-k8s.io/priority-class: {{ $team }}-priority
{{- end -}}
{{- end }}
