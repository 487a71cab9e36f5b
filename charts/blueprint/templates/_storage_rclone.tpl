{{/* blueprint.storage.rclone configures rclone by its environment: the remote store is where the buckets are. It creates no bucket, because a name with a typo is not a wish for one. */}}
{{- define "blueprint.storage.rclone" -}}
{{- $storage := .Values.cluster.objectStorage -}}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ include "blueprint.quote" $storage.secretName }}
      key: {{ . }}
{{- end }}
{{- $provider := $storage.provider | default (ternary "Other" "AWS" (ne $storage.endpoint "")) }}
{{- $settings := dict "RCLONE_CONFIG_STORE_PROVIDER" $provider "RCLONE_CONFIG_STORE_ENDPOINT" $storage.endpoint "RCLONE_CONFIG_STORE_REGION" $storage.region
  "RCLONE_CONFIG" "" "RCLONE_CONFIG_STORE_TYPE" "s3" "RCLONE_CONFIG_STORE_ENV_AUTH" "true" "RCLONE_CONFIG_STORE_NO_CHECK_BUCKET" "true"
  "RCLONE_TRANSFERS" "8" "RCLONE_RETRIES_SLEEP" "10s" "RCLONE_STATS" "10s" "RCLONE_STATS_ONE_LINE" "true" "RCLONE_STATS_LOG_LEVEL" "NOTICE" }}
{{- range $name, $value := $settings }}
{{- if or $value (eq $name "RCLONE_CONFIG") }}
- name: {{ $name }}
  value: {{ include "blueprint.literal" $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.beginsWith is rclone's pattern for the keys that begin with a text. */}}
{{- define "blueprint.storage.beginsWith" -}}
/{{ regexReplaceAll "[\\\\*?\\[\\]{}]" . "\\${0}" }}**
{{- end }}

{{/* blueprint.literal writes a string for an argument or variable in which Kubernetes would replace $(NAME). */}}
{{- define "blueprint.literal" -}}
{{- include "blueprint.quote" (replace "$" "$$" .) -}}
{{- end }}
