{{/* blueprint.probes renders the probes of the recipe, with the defaults of the recipe format. An empty object also enables a probe. */}}
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

{{/* blueprint.probe renders one probe. Without "failures", Kubernetes' default for failureThreshold applies. */}}
{{- define "blueprint.probe" -}}
{{- $params := .params -}}
{{- include "blueprint.probeHandler" . }}
initialDelaySeconds: {{ include "blueprint.intDefault" (list $params.initial_delay_seconds .delay) }}
periodSeconds: {{ include "blueprint.intDefault" (list $params.period_seconds .period) }}
timeoutSeconds: {{ include "blueprint.intDefault" (list $params.timeout_seconds .timeout) }}
successThreshold: {{ include "blueprint.intDefault" (list $params.success_threshold 1) }}
{{- with include "blueprint.intDefault" (list $params.failure_threshold .failures) }}
failureThreshold: {{ . }}
{{- end }}
{{- end }}

{{/* blueprint.probeHandler opens a connection or sends a request, depending on the scheme. */}}
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

{{/* blueprint.intDefault returns the first number of a list that is set, as an integer. Unlike default, it treats 0 as set. */}}
{{- define "blueprint.intDefault" -}}
{{- range . -}}
{{- if not (kindIs "invalid" .) -}}
{{- int64 . -}}
{{- break -}}
{{- end -}}
{{- end -}}
{{- end }}
