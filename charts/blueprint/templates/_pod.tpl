{{/* blueprint.podTemplate is the pod of every kind of workload; restartPolicy is up to the caller. */}}
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

{{/* blueprint.podSpec: a Service of the same namespace must not leak into the environment as VLLM_PORT, and no pod here talks to the API server. */}}
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

{{/* blueprint.podAnnotations: kubectl shows the logs of main unasked, also where it is an init container. */}}
{{- define "blueprint.podAnnotations" -}}
{{- include "blueprint.scraping" . }}
{{- if include "blueprint.storage.uploads" . }}
kubectl.kubernetes.io/default-container: main
{{- end }}
{{- include "blueprint.secretVersions" . }}
{{- end }}

{{/* blueprint.secretVersions: pods read variables only at their start, so that a changed Secret has to change them, too. A job is left alone: it would run again. */}}
{{- define "blueprint.secretVersions" -}}
{{- if and .Values.cluster.secretVersions (ne .Values.recipe_mode "job") }}
kubectl-blueprint.github.io/secret-versions: {{ toJson .Values.cluster.secretVersions | toJson }}
{{- end }}
{{- end }}

{{/* blueprint.scraping asks a Prometheus that goes by pod annotations to scrape the container. */}}
{{- define "blueprint.scraping" -}}
{{- if and .Values.recipe_prometheus_enabled (not .Values.cluster.serviceMonitor) -}}
prometheus.io/scrape: "true"
prometheus.io/port: {{ include "blueprint.scalar" .Values.recipe_container_port }}
prometheus.io/path: /metrics
{{- end -}}
{{- end }}
