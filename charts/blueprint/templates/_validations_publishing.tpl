{{/* blueprint.violations.paths rejects entries that are only a path but have none. */}}
{{- define "blueprint.violations.paths" -}}
{{- range $i, $item := .Values.recipe_additional_ingress_ports -}}
{{- if and (or $item.service_name $item.rewrite_target) (not $item.path) -}}
{{- include "blueprint.finding" (list (printf "/recipe_additional_ingress_ports/%d" $i) "missing-key" "service_name and rewrite_target require path") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.servicePorts rejects a Service port that would forward to two ports of the container. */}}
{{- define "blueprint.violations.servicePorts" -}}
{{- $service := int64 (.Values.recipe_host_port | default 80) -}}
{{- if and (eq .Values.recipe_mode "service") (ne $service (int64 .Values.recipe_container_port)) -}}
{{- range $i, $item := .Values.recipe_additional_ingress_ports -}}
{{- if and (eq (int64 $item.port) $service) (not $item.service_name) -}}
{{- include "blueprint.finding" (list (printf "/recipe_additional_ingress_ports/%d/port" $i) "port-conflict" "must differ from recipe_host_port (default 80), the Service's port for recipe_container_port") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.gateway rejects settings that the gateway lacks or does not support. */}}
{{- define "blueprint.violations.gateway" -}}
{{- if eq (include "blueprint.gateway" .) "gateway-api" -}}
{{- if not .Values.cluster.gateway.name -}}
{{- include "blueprint.finding" (list "/cluster/gateway" "missing-key" "name of the Gateway is missing") -}}
{{- end -}}
{{- if .Values.recipe_inference_gateway.api_key -}}
{{- include "blueprint.finding" (list "/recipe_inference_gateway/api_key" "gateway-key" "requires Kong, because HTTPRoutes have no API-key authentication; secure the Gateway itself, or set cluster.gateway.kind to kong") -}}
{{- end -}}
{{- end -}}
{{- end }}
