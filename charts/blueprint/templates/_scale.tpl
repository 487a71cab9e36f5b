{{/* blueprint.replicas returns the number of replicas. It repeats the default, because null in a values file deletes the chart's default before the schema is checked. */}}
{{- define "blueprint.replicas" -}}
{{- include "blueprint.intDefault" (list .Values.recipe_replica_count 1) -}}
{{- end }}

{{/* blueprint.fixedReplicas renders the number of replicas, unless KEDA scales the service. If no Prometheus is configured, the minimum applies. */}}
{{- define "blueprint.fixedReplicas" -}}
{{- if include "blueprint.scales" . -}}
{{- else if kindIs "map" .Values.recipe_pod_autoscaling_params -}}
replicas: {{ include "blueprint.intDefault" (list .Values.recipe_pod_autoscaling_params.min_replicas 1) }}
{{- else -}}
replicas: {{ include "blueprint.replicas" . }}
{{- end -}}
{{- end }}

{{/* blueprint.scales reports whether KEDA scales the service. */}}
{{- define "blueprint.scales" -}}
{{- if and (eq .Values.recipe_mode "service") (kindIs "map" .Values.recipe_pod_autoscaling_params) (include "blueprint.prometheus" .) -}}
true
{{- end -}}
{{- end }}

{{/* blueprint.prometheus returns the URL of the Prometheus server for KEDA, or nothing. */}}
{{- define "blueprint.prometheus" -}}
{{- dig "server_address" "" (default dict .Values.recipe_pod_autoscaling_params) | default .Values.cluster.prometheusAddress -}}
{{- end }}

{{/* blueprint.scaleTarget renders the workload that KEDA scales. */}}
{{- define "blueprint.scaleTarget" -}}
{{- if include "blueprint.multinode" . -}}
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
{{- else -}}
apiVersion: apps/v1
kind: Deployment
{{- end }}
name: {{ include "blueprint.name" . }}
{{- end }}

{{/* blueprint.scalingPolicy renders a policy that adds or removes one pod at a time. */}}
{{- define "blueprint.scalingPolicy" -}}
stabilizationWindowSeconds: {{ index . 0 }}
policies:
  - type: Pods
    value: 1
    periodSeconds: {{ index . 1 }}
{{- end }}

{{/* blueprint.scalingQuery returns the recipe's query, or the share of requests that took longer than one second. Without requests, the share is 0. */}}
{{- define "blueprint.scalingQuery" -}}
{{- $params := .Values.recipe_pod_autoscaling_params -}}
{{- if $params.query -}}
{{- $params.query -}}
{{- else -}}
{{- $metric := $params.scaling_metric | default "vllm:e2e_request_latency_seconds" -}}
{{- $span := include "blueprint.timespan" ($params.collect_metrics_timespan | default "5m") -}}
{{- $pods := printf "pod=~%q" (printf "%s-.+" (include "blueprint.name" .)) -}}
(1 - sum(rate({{ $metric }}_bucket{ {{- $pods }},le="1.0"}[{{ $span }}])) / sum(rate({{ $metric }}_count{ {{- $pods -}} }[{{ $span }}]))) >= 0 or vector(0)
{{- end -}}
{{- end }}

{{/* blueprint.timespan returns a Prometheus duration. A number without a unit is in seconds. */}}
{{- define "blueprint.timespan" -}}
{{- $text := ternary . (. | toJson) (typeIs "string" .) -}}
{{- ternary (printf "%ss" $text) $text (regexMatch "^[0-9]+$" $text) -}}
{{- end }}
