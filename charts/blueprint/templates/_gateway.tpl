{{/* blueprint.gateway is the kind of inference gateway that publishes the model, or nothing. */}}
{{- define "blueprint.gateway" -}}
{{- if and (eq .Values.recipe_mode "service") .Values.recipe_inference_gateway -}}
{{- .Values.cluster.gateway.kind -}}
{{- end -}}
{{- end }}

{{/* blueprint.gatewayKey tells whether Kong is to ask for a key. */}}
{{- define "blueprint.gatewayKey" -}}
{{- if and (eq (include "blueprint.gateway" .) "kong") .Values.recipe_inference_gateway.api_key -}}
true
{{- end -}}
{{- end }}

{{/* blueprint.gatewayPath is the path under which the model is published. */}}
{{- define "blueprint.gatewayPath" -}}
{{- include "blueprint.quote" (.Values.recipe_inference_gateway.url_path | default "/") -}}
{{- end }}

{{/* blueprint.kongCredential is a Secret in which Kong reads one field of a consumer's credential. */}}
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
