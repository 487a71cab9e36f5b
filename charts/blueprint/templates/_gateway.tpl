{{/* blueprint.gateway returns the kind of inference gateway that publishes the model, or nothing. */}}
{{- define "blueprint.gateway" -}}
{{- if and (eq .Values.recipe_mode "service") .Values.recipe_inference_gateway -}}
{{- .Values.cluster.gateway.kind -}}
{{- end -}}
{{- end }}

{{/* blueprint.gatewayKey reports whether Kong requires an API key. */}}
{{- define "blueprint.gatewayKey" -}}
{{- if and (eq (include "blueprint.gateway" .) "kong") .Values.recipe_inference_gateway.api_key -}}
true
{{- end -}}
{{- end }}

{{/* blueprint.gatewayPath returns the path under which the gateway publishes the model. */}}
{{- define "blueprint.gatewayPath" -}}
{{- include "blueprint.quote" (.Values.recipe_inference_gateway.url_path | default "/") -}}
{{- end }}

{{/* blueprint.kongCredential renders a Secret with one field of a consumer's credential for Kong. */}}
{{- define "blueprint.kongCredential" -}}
{{- $root := index . 0 -}}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "blueprint.name" $root }}-{{ index . 1 }}
  labels:
    {{- include "blueprint.labels" $root | nindent 4 }}
    konghq.com/credential: {{ index . 1 }}
  annotations:
    {{- include "blueprint.annotations" $root | nindent 4 }}
type: Opaque
data:
  {{ index . 2 }}: {{ index . 3 | b64enc | quote }}
{{- end }}
