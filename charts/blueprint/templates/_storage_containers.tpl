{{/* blueprint.storage.downloads are the init containers that fill the volumes of the inputs. Buckets without credentials, which the rules allow on request only, stay empty. */}}
{{- define "blueprint.storage.downloads" -}}
{{- range $i, $input := .Values.input_object_storage }}
{{- $volume := include "blueprint.storage.inputVolume" (list $ $i) }}
{{- $container := dict "root" $ "name" (printf "download-%d" $i) "volume" $volume "input" $input "number" $i }}
{{- if $input.par }}
{{- include "blueprint.storage.parDownload" $container | nindent 0 }}
{{- else if $.Values.cluster.objectStorage.secretName }}
{{- include "blueprint.storage.bucketDownload" $container | nindent 0 }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.parDownload: no tool lists objects through a pre-authenticated request, so the chart brings a script. The URL is a credential and stays out of the command. */}}
{{- define "blueprint.storage.parDownload" -}}
- name: {{ .name }}
  image: {{ include "blueprint.quote" .root.Values.cluster.images.download }}
  command: [python3, /opt/blueprint/par-download.py]
  args:
    - --to=/volume
    {{- range .input.include }}
    - {{ include "blueprint.literal" (printf "--include=%s" .) }}
    {{- end }}
    {{- range .input.exclude }}
    - {{ include "blueprint.literal" (printf "--exclude=%s" .) }}
    {{- end }}
  env:
    - name: PAR
      valueFrom:
        secretKeyRef:
          name: {{ include "blueprint.storage.parSecret" .root }}
          key: par-{{ .number }}
  {{- include "blueprint.storage.helper" . | nindent 2 }}
    - name: scripts
      mountPath: /opt/blueprint
{{- end }}

{{/* blueprint.storage.bucketDownload copies with rclone, behind a script that notices when there is nothing to copy. Filters are tried in order. */}}
{{- define "blueprint.storage.bucketDownload" -}}
- name: {{ .name }}
  image: {{ include "blueprint.quote" .root.Values.cluster.images.rclone }}
  command: [sh, /opt/blueprint/bucket-download.sh]
  args:
    - {{ include "blueprint.quote" (printf "store:%s" .input.bucket_name) }}
    - /volume
    {{- range .input.exclude }}
    - {{ include "blueprint.literal" (printf "--filter=- %s" (include "blueprint.storage.beginsWith" .)) }}
    {{- end }}
    {{- range .input.include }}
    - {{ include "blueprint.literal" (printf "--filter=+ %s" (include "blueprint.storage.beginsWith" .)) }}
    {{- end }}
    {{- if .input.include }}
    - --filter=- **
    {{- end }}
  env:
    {{- include "blueprint.storage.rclone" .root | nindent 4 }}
  {{- include "blueprint.storage.helper" . | nindent 2 }}
    - name: scripts
      mountPath: /opt/blueprint
{{- end }}

{{/* blueprint.storage.uploads is set where outputs are uploaded: after a job, which has an end, with credentials. */}}
{{- define "blueprint.storage.uploads" -}}
{{- if and (eq .Values.recipe_mode "job") .Values.output_object_storage .Values.cluster.objectStorage.secretName -}}
true
{{- end -}}
{{- end }}

{{/* blueprint.storage.uploaders run once the recipe's own container, then an init container, has succeeded. Links become files, as buckets have none. */}}
{{- define "blueprint.storage.uploaders" -}}
{{- range $i, $output := .Values.output_object_storage }}
- name: upload-{{ $i }}
  image: {{ include "blueprint.quote" $.Values.cluster.images.rclone }}
  command: [rclone, copy]
  args:
    - /volume
    - {{ include "blueprint.quote" (printf "store:%s" $output.bucket_name) }}
    - --copy-links
    - --filter=- /lost+found/**
  env:
    {{- include "blueprint.storage.rclone" $ | nindent 4 }}
  {{- include "blueprint.storage.helper" (dict "root" $ "volume" (printf "output-%d" $i)) | nindent 2 }}
{{- end }}
{{- end }}

{{/* blueprint.storage.helper is what all containers beside the recipe's own have in common. They take as much CPU and memory as it, so that the pod asks for no more. */}}
{{- define "blueprint.storage.helper" -}}
{{- with include "blueprint.storage.resources" .root | trim -}}
resources:
  limits:
    {{- . | nindent 4 }}
  requests:
    {{- . | nindent 4 }}
{{ end -}}
securityContext:
  allowPrivilegeEscalation: false
terminationMessagePolicy: FallbackToLogsOnError
volumeMounts:
  - name: {{ .volume }}
    mountPath: /volume
{{- end }}

{{/* blueprint.storage.resources are those of the recipe's container that copying needs. */}}
{{- define "blueprint.storage.resources" -}}
{{- range $line := include "blueprint.resourceList" . | splitList "\n" }}
{{- if regexMatch "^(cpu|memory):" $line }}
{{ $line }}
{{- end }}
{{- end }}
{{- end }}
