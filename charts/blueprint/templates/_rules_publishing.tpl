{{/* blueprint.violations.paths: an entry that is a path only needs one. */}}
{{- define "blueprint.violations.paths" -}}
{{- range $i, $item := .Values.recipe_additional_ingress_ports -}}
{{- if and (or $item.service_name $item.rewrite_target) (not $item.path) -}}
{{- printf "/recipe_additional_ingress_ports/%d: with service_name or rewrite_target it is a path of the Ingress, and path is missing [missing-key]\n" $i -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.gateway: what the inference gateway of the cluster needs, and what it can't do. */}}
{{- define "blueprint.violations.gateway" -}}
{{- if eq (include "blueprint.gateway" .) "gateway-api" -}}
{{- if not .Values.cluster.gateway.name -}}
{{- printf "/cluster/gateway: name is missing: that of the Gateway [missing-key]\n" -}}
{{- end -}}
{{- if .Values.recipe_inference_gateway.api_key -}}
{{- printf "/recipe_inference_gateway/api_key: an HTTPRoute can't ask for a key; remove it and guard the Gateway itself, or use Kong (cluster.gateway.kind=kong) [gateway-key]\n" -}}
{{- end -}}
{{- end -}}
{{- end }}
