{{/* blueprint.host returns the host name of the Ingress, or nothing. */}}
{{- define "blueprint.host" -}}
{{- if and (eq .Values.recipe_mode "service") (not .Values.recipe_disable_ingress) -}}
{{- $given := .Values.service_endpoint_domain | default (dig "domain" "" (default dict .Values.service_endpoint)) -}}
{{- $first := .Values.service_endpoint_subdomain | default (include "blueprint.name" . | trimPrefix "recipe-") -}}
{{- if $given -}}
{{- $given -}}
{{- else if .Values.cluster.ingress.domain -}}
{{- printf "%s.%s" $first .Values.cluster.ingress.domain -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.ingressAnnotations merges annotations. Those of the caller take precedence, followed by those of the recipe, the cluster and the chart. */}}
{{- define "blueprint.ingressAnnotations" -}}
{{- $needed := index . 1 -}}
{{- with index . 0 -}}
{{- $all := dict "nginx.ingress.kubernetes.io/proxy-body-size" (.Values.recipe_ingress_proxy_body_size | default "2000m") -}}
{{- with .Values.cluster.ingress.clusterIssuer -}}
{{- $_ := set $all "cert-manager.io/cluster-issuer" . -}}
{{- end -}}
{{- range $key, $value := .Values.cluster.ingress.annotations -}}
{{- $_ := set $all $key $value -}}
{{- end -}}
{{- range .Values.recipe_additional_ingress_annotations -}}
{{- $_ := set $all .key .value -}}
{{- end -}}
{{- range $key := list "deployment-name" "recipe-id" "sample" -}}
{{- $_ := unset $all (printf "kubectl-blueprint.github.io/%s" $key) -}}
{{- end -}}
{{- include "blueprint.stringMap" (merge $needed $all) -}}
{{- end -}}
{{- end }}

{{/* blueprint.ingressSpec renders an Ingress for the host with the given paths. */}}
{{- define "blueprint.ingressSpec" -}}
{{- $root := index . 0 -}}
{{- $host := include "blueprint.host" $root -}}
{{- with $root.Values.cluster.ingress.className -}}
ingressClassName: {{ include "blueprint.quote" . }}
{{ end -}}
{{- if or $root.Values.cluster.ingress.clusterIssuer $root.Values.cluster.ingress.tls -}}
tls:
  - hosts:
      - {{ include "blueprint.quote" $host }}
    secretName: {{ include "blueprint.name" $root }}-tls
{{ end -}}
rules:
  - host: {{ include "blueprint.quote" $host }}
    http:
      paths:
        {{- index . 1 | nindent 8 }}
{{- end }}

{{/* blueprint.ingressPath renders one path of an Ingress. Takes the path, its type, the Service and the port number. */}}
{{- define "blueprint.ingressPath" -}}
- path: {{ include "blueprint.quote" (index . 0) }}
  pathType: {{ index . 1 }}
  backend:
    service:
      name: {{ include "blueprint.quote" (index . 2) }}
      port:
        number: {{ index . 3 }}
{{- end }}

{{/* blueprint.ingressPaths renders the root path of the service and the additional ports whose path is not taken yet. */}}
{{- define "blueprint.ingressPaths" -}}
{{- include "blueprint.ingressPath" (list "/" "Prefix" (include "blueprint.name" .) (int64 (.Values.recipe_host_port | default 80))) }}
{{- $taken := list "/" -}}
{{- range .Values.recipe_additional_ingress_ports }}
{{- if and .path (not .rewrite_target) (not (has .path $taken)) }}
{{- $taken = append $taken .path }}
{{ include "blueprint.ingressPath" (list .path (.path_type | default "Prefix") (.service_name | default (include "blueprint.name" $)) (int64 .port)) }}
{{- end }}
{{- end }}
{{- end }}
