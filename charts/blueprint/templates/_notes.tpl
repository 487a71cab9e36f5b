{{/* blueprint.notes explains how to wait for the workload, connect to it and read its logs. */}}
{{- define "blueprint.notes" -}}
{{- if eq .Values.recipe_mode "team" -}}
{{- include "blueprint.notes.team" . -}}
{{- else if eq .Values.recipe_mode "job" -}}
{{- include "blueprint.notes.job" . -}}
{{- else -}}
{{- include "blueprint.notes.service" . -}}
{{- end -}}
{{- end }}

{{/* blueprint.notes.service waits for a condition of a LeaderWorkerSet, because kubectl rollout status does not support it. */}}
{{- define "blueprint.notes.service" -}}
{{- $name := include "blueprint.name" . -}}
{{- $port := .Values.recipe_host_port | default 80 | int64 -}}
Wait until {{ $name }} is ready:
{{- if include "blueprint.multinode" . }}
  kubectl wait --for=condition=Available --timeout=30m --namespace {{ .Release.Namespace }} leaderworkerset/{{ $name }}
{{- else }}
  kubectl rollout status --namespace {{ .Release.Namespace }} deployment/{{ $name }}
{{- end }}

In the cluster:
  http://{{ $name }}.{{ .Release.Namespace }}.svc:{{ $port }}
{{- with include "blueprint.host" . }}

From outside the cluster:
  {{ ternary "https" "http" (or $.Values.cluster.ingress.tls (not (empty $.Values.cluster.ingress.clusterIssuer))) }}://{{ . }}
{{- end }}

From this machine, at http://localhost:8080:
  kubectl port-forward --namespace {{ .Release.Namespace }} service/{{ $name }} 8080:{{ $port }}

{{ include "blueprint.notes.logs" . }}
{{- end }}

{{/* blueprint.notes.job selects the Job by label, because its name changes with its template. */}}
{{- define "blueprint.notes.job" -}}
Wait until {{ include "blueprint.name" . }} is complete:
  kubectl wait --for=condition=Complete --timeout=24h --namespace {{ .Release.Namespace }} job --selector {{ include "blueprint.notes.selector" . }}

{{ include "blueprint.notes.logs" . }}
{{- end }}

{{/* blueprint.notes.team shows the queue. Queues start no workload themselves. */}}
{{- define "blueprint.notes.team" -}}
Show the queue of the team and its workloads:
  kubectl get localqueues,workloads --namespace {{ .Release.Namespace }}
{{- end }}

{{/* blueprint.notes.logs follows the logs of all pods. */}}
{{- define "blueprint.notes.logs" -}}
Follow its logs:
  kubectl logs --namespace {{ .Release.Namespace }} --selector {{ include "blueprint.notes.selector" . }} --container main --prefix --follow
{{- end }}

{{/* blueprint.notes.selector selects the workload and its pods. */}}
{{- define "blueprint.notes.selector" -}}
app.kubernetes.io/instance={{ include "blueprint.name" . }}
{{- end }}
