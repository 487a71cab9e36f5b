{{/* blueprint.violations.paths: an entry that is a path only needs one. */}}
{{- define "blueprint.violations.paths" -}}
{{- range $i, $item := .Values.recipe_additional_ingress_ports -}}
{{- if and (or $item.service_name $item.rewrite_target) (not $item.path) -}}
{{- include "blueprint.finding" (list (printf "/recipe_additional_ingress_ports/%d" $i) "missing-key" "with service_name or rewrite_target it is a path of the Ingress, and path is missing") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.servicePorts: a port of a Service leads to one port of the container. */}}
{{- define "blueprint.violations.servicePorts" -}}
{{- $service := int64 (.Values.recipe_host_port | default 80) -}}
{{- if and (eq .Values.recipe_mode "service") (ne $service (int64 .Values.recipe_container_port)) -}}
{{- range $i, $item := .Values.recipe_additional_ingress_ports -}}
{{- if and (eq (int64 $item.port) $service) (not $item.service_name) -}}
{{- include "blueprint.finding" (list (printf "/recipe_additional_ingress_ports/%d/port" $i) "same-port" "must differ from recipe_host_port (default 80), the Service's port for recipe_container_port") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.gateway: what the inference gateway of the cluster needs, and what it can't do. */}}
{{- define "blueprint.violations.gateway" -}}
{{- if eq (include "blueprint.gateway" .) "gateway-api" -}}
{{- if not .Values.cluster.gateway.name -}}
{{- include "blueprint.finding" (list "/cluster/gateway" "missing-key" "name is missing: that of the Gateway") -}}
{{- end -}}
{{- if .Values.recipe_inference_gateway.api_key -}}
{{- include "blueprint.finding" (list "/recipe_inference_gateway/api_key" "gateway-key" "an HTTPRoute can't ask for a key; remove it and guard the Gateway itself, or use Kong (cluster.gateway.kind=kong)") -}}
{{- end -}}
{{- end -}}
{{- end }}
