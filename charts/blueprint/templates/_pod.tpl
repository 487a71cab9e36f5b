{{/* blueprint.podTemplate renders the pod template of every kind of workload. */}}
{{- define "blueprint.podTemplate" -}}
metadata:
  labels:
    {{- include "blueprint.selectorLabels" . | nindent 4 }}
  {{- with include "blueprint.podAnnotations" . | trim }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  {{- include "blueprint.podSpec" . | nindent 2 }}
{{- end }}

{{/* blueprint.podSpec renders the pod. It disables Service links, so that a Service in the same namespace does not set variables such as VLLM_PORT, and the API token, because these pods do not use the API server. */}}
{{- define "blueprint.podSpec" -}}
enableServiceLinks: false
automountServiceAccountToken: false
securityContext:
  {{- include "blueprint.podSecurity" . | nindent 2 }}
{{- with .Values.recipe_container_secret_name }}
imagePullSecrets:
  - name: {{ include "blueprint.quote" . }}
{{- end }}
{{- if eq .Values.recipe_mode "job" }}
restartPolicy: Never
{{- end }}
{{- range list "blueprint.runtimeClass" "blueprint.nodeSelector" "blueprint.tolerations" }}
{{- with include . $ }}
{{ . }}
{{- end }}
{{- end }}
{{ include "blueprint.allContainers" . }}
{{- with include "blueprint.volumes" . | trim }}
volumes:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* blueprint.podAnnotations renders the annotations of the pods. They make main the default container of kubectl logs, also where it is an init container. */}}
{{- define "blueprint.podAnnotations" -}}
{{- include "blueprint.scraping" . }}
{{- if include "blueprint.storage.uploads" . }}
kubectl.kubernetes.io/default-container: main
{{- end }}
{{- include "blueprint.secretVersions" . }}
{{- end }}

{{/* blueprint.secretVersions changes the pod template when a Secret changes, because pods read environment variables only at startup. Jobs are left alone, because they would run again. */}}
{{- define "blueprint.secretVersions" -}}
{{- if and .Values.cluster.secretVersions (ne .Values.recipe_mode "job") }}
kubectl-blueprint.github.io/secret-versions: {{ toJson .Values.cluster.secretVersions | toJson }}
{{- end }}
{{- end }}

{{/* blueprint.scraping renders the annotations that make Prometheus scrape the container. */}}
{{- define "blueprint.scraping" -}}
{{- if and .Values.recipe_prometheus_enabled (not .Values.cluster.serviceMonitor) -}}
prometheus.io/scrape: "true"
prometheus.io/port: {{ include "blueprint.scalar" .Values.recipe_container_port }}
prometheus.io/path: /metrics
{{- end -}}
{{- end }}
