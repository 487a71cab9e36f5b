{{/* blueprint.storage.rclone configures rclone through its environment. The remote is called store. rclone must not create buckets, because a mistyped name would create one. */}}
{{- define "blueprint.storage.rclone" -}}
{{- $storage := .Values.cluster.objectStorage -}}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ include "blueprint.quote" $storage.secretName }}
      key: {{ . }}
{{- end }}
{{- $provider := $storage.provider | default (ternary "Other" "AWS" (not (empty $storage.endpoint))) }}
{{- range list
  (list "RCLONE_CONFIG_STORE_TYPE" "s3") (list "RCLONE_CONFIG_STORE_PROVIDER" $provider) (list "RCLONE_CONFIG_STORE_ENV_AUTH" "true")
  (list "RCLONE_CONFIG_STORE_ENDPOINT" $storage.endpoint) (list "RCLONE_CONFIG_STORE_REGION" $storage.region)
  (list "RCLONE_CONFIG_STORE_NO_CHECK_BUCKET" "true") (list "RCLONE_TRANSFERS" "8") (list "RCLONE_RETRIES_SLEEP" "5s") (list "RCLONE_LOW_LEVEL_RETRIES" "5")
  (list "RCLONE_STATS" "10s") (list "RCLONE_STATS_ONE_LINE" "true") (list "RCLONE_STATS_LOG_LEVEL" "NOTICE") }}
{{- if index . 1 }}
- name: {{ index . 0 }}
  value: {{ include "blueprint.escapeVars" (index . 1) }}
{{- end }}
{{- end }}
- name: RCLONE_CONFIG
  value: ""
{{- end }}

{{/* blueprint.storage.filters renders rclone's flags for the keys to copy. rclone applies the first filter that matches a key. */}}
{{- define "blueprint.storage.filters" -}}
{{- range .exclude }}
- {{ include "blueprint.escapeVars" (printf "--filter=- %s" (include "blueprint.storage.beginsWith" .)) }}
{{- end }}
{{- range .include }}
- {{ include "blueprint.escapeVars" (printf "--filter=+ %s" (include "blueprint.storage.beginsWith" .)) }}
{{- end }}
{{- if .include }}
- --filter=- **
{{- end }}
{{- end }}

{{/* blueprint.storage.beginsWith returns the rclone pattern for keys with a prefix. */}}
{{- define "blueprint.storage.beginsWith" -}}
/{{ regexReplaceAll "[\\\\*?\\[\\]{}]" . "\\${0}" }}**
{{- end }}

{{/* blueprint.escapeVars renders a string for a field in which Kubernetes would expand $(NAME). */}}
{{- define "blueprint.escapeVars" -}}
{{- include "blueprint.quote" (replace "$" "$$" .) -}}
{{- end }}
