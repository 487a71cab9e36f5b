{{/* blueprint.probes writes the probes that the recipe gives, with the recipe format's own defaults. An empty object is a probe, too. */}}
{{- define "blueprint.probes" -}}
{{- $defaults := list
  (dict "field" "startupProbe" "params" .Values.recipe_startup_probe_params "delay" 10 "period" 2 "timeout" 1 "failures" 30)
  (dict "field" "livenessProbe" "params" .Values.recipe_liveness_probe_params "delay" 600 "period" 600 "timeout" 1 "failures" 3)
  (dict "field" "readinessProbe" "params" .Values.recipe_readiness_probe_params "delay" 15 "period" 10 "timeout" 2) -}}
{{- range $defaults }}
{{- if kindIs "map" .params }}
{{ .field }}:
  {{- include "blueprint.probe" (set . "port" $.Values.recipe_container_port) | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.probe is one probe; without "failures" that threshold is left to Kubernetes. */}}
{{- define "blueprint.probe" -}}
{{- $params := .params -}}
{{- include "blueprint.probeHandler" . }}
initialDelaySeconds: {{ include "blueprint.number" (list $params.initial_delay_seconds .delay) }}
periodSeconds: {{ include "blueprint.number" (list $params.period_seconds .period) }}
timeoutSeconds: {{ include "blueprint.number" (list $params.timeout_seconds .timeout) }}
successThreshold: {{ include "blueprint.number" (list $params.success_threshold 1) }}
{{- with include "blueprint.number" (list $params.failure_threshold .failures) }}
failureThreshold: {{ . }}
{{- end }}
{{- end }}

{{/* blueprint.probeHandler opens a connection or sends a request, as scheme says. */}}
{{- define "blueprint.probeHandler" -}}
{{- $port := int64 (.params.port | default .port) -}}
{{- if eq .params.scheme "TCP" -}}
tcpSocket:
  port: {{ $port }}
{{- else -}}
httpGet:
  path: {{ include "blueprint.quote" (.params.endpoint_path | default "/health") }}
  port: {{ $port }}
  scheme: {{ include "blueprint.quote" (.params.scheme | default "HTTP") }}
{{- end -}}
{{- end }}

{{/* blueprint.number is the first of a list that is given, as an integer; unlike default, it takes 0 for a number. */}}
{{- define "blueprint.number" -}}
{{- range . -}}
{{- if not (kindIs "invalid" .) -}}
{{- int64 . -}}
{{- break -}}
{{- end -}}
{{- end -}}
{{- end }}
