{{/* blueprint.jobSpec: one retry, so that a lost node does not lose the run and a broken program does not hold GPUs for long. A job with a team is suspended by Kueue, which a deploy that says so, too, would do again while it runs. */}}
{{- define "blueprint.jobSpec" -}}
backoffLimit: 1
completions: {{ include "blueprint.replicas" . }}
parallelism: {{ include "blueprint.replicas" . }}
template:
  {{- include "blueprint.podTemplate" . | nindent 2 }}
{{- end }}

{{/* blueprint.queueLabels puts a job into its team's queue, with the team's priority. */}}
{{- define "blueprint.queueLabels" -}}
{{- with .Values.recipe_team_info -}}
{{- $team := include "blueprint.canonical" .team_name -}}
kueue.x-k8s.io/queue-name: {{ $team }}-local-queue
kueue.x-k8s.io/priority-class: {{ $team }}-priority
{{- end -}}
{{- end }}
