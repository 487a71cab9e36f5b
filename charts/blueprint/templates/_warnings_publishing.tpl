{{/* blueprint.warnings.publishing warns about services that are not published. */}}
{{- define "blueprint.warnings.publishing" -}}
{{- if and (eq .Values.recipe_mode "service") .Values.recipe_inference_gateway (not (include "blueprint.gateway" .)) -}}
{{- include "blueprint.finding" (list "/recipe_inference_gateway" "missing-gateway" "has no effect without a gateway; set cluster.gateway.kind to kong or gateway-api") -}}
{{- end -}}
{{- if and .Values.service_endpoint_subdomain (not (include "blueprint.host" .)) (not .Values.recipe_disable_ingress) -}}
{{- include "blueprint.finding" (list "/service_endpoint_subdomain" "missing-domain" "has no effect without a domain; set cluster.ingress.domain") -}}
{{- end -}}
{{- include "blueprint.warnings.paths" . -}}
{{- include "blueprint.warnings.probePorts" . -}}
{{- end }}

{{/* blueprint.warnings.paths warns about duplicate paths of an Ingress. */}}
{{- define "blueprint.warnings.paths" -}}
{{- $taken := list "/" -}}
{{- range $i, $item := .Values.recipe_additional_ingress_ports -}}
{{- if and $item.path (not $item.rewrite_target) -}}
{{- if has $item.path $taken -}}
{{- include "blueprint.finding" (list (printf "/recipe_additional_ingress_ports/%d/path" $i) "path-conflict" "duplicate path; the port is only available through the Service") -}}
{{- end -}}
{{- $taken = append $taken $item.path -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.probePorts warns about probes of a port that the recipe does not declare. */}}
{{- define "blueprint.warnings.probePorts" -}}
{{- $ports := list (int64 .Values.recipe_container_port) -}}
{{- range .Values.recipe_additional_ingress_ports -}}
{{- $ports = append $ports (int64 .port) -}}
{{- end -}}
{{- range $key, $params := dict "startup" .Values.recipe_startup_probe_params "liveness" .Values.recipe_liveness_probe_params "readiness" .Values.recipe_readiness_probe_params -}}
{{- $port := int64 (dig "port" 0 (default dict $params)) -}}
{{- if and $port (not (has $port $ports)) -}}
{{- include "blueprint.finding" (list (printf "/recipe_%s_probe_params/port" $key) "probe-port" "is not declared in the recipe; did you mean recipe_container_port?") -}}
{{- end -}}
{{- end -}}
{{- end }}
