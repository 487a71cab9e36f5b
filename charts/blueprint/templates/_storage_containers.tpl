{{/* blueprint.allContainers renders the recipe's container and the containers that copy its objects. */}}
{{- define "blueprint.allContainers" -}}
{{- with include "blueprint.initContainers" . | trim -}}
initContainers:
  {{- . | nindent 2 }}
{{ end -}}
containers:
  {{- include "blueprint.containers" . | trim | nindent 2 }}
{{- end }}

{{/* blueprint.initContainers renders the downloads. In a job that uploads, the recipe's container is the last init container, so that the uploads start only after it has succeeded. */}}
{{- define "blueprint.initContainers" -}}
{{- include "blueprint.storage.downloads" . -}}
{{- if include "blueprint.storage.uploads" . }}
{{- $values := omit .Values "recipe_startup_probe_params" "recipe_liveness_probe_params" "recipe_readiness_probe_params" }}
{{ include "blueprint.container" (dict "Values" $values) }}
{{- end }}
{{- end }}

{{/* blueprint.containers renders the recipe's container, or the containers that upload its output. */}}
{{- define "blueprint.containers" -}}
{{- if include "blueprint.storage.uploads" . -}}
{{- include "blueprint.storage.uploaders" . -}}
{{- else -}}
{{- include "blueprint.container" . -}}
{{- end -}}
{{- end }}

{{/* blueprint.storage.downloads renders a container for each input. A bucket without credentials, which is allowed only with cluster.objectStorage.skip, is not read. */}}
{{- define "blueprint.storage.downloads" -}}
{{- range $i, $input := .Values.input_object_storage }}
{{- $container := dict "Values" $.Values "input" $input "number" $i "volume" (include "blueprint.storage.inputVolume" (list $ $i)) }}
{{- if $input.par }}
{{ include "blueprint.storage.parDownload" $container }}
{{- else if $.Values.cluster.objectStorage.secretName }}
{{ include "blueprint.storage.bucketDownload" $container }}
{{- end }}
{{- end }}
{{- end }}

{{/* blueprint.storage.parDownload downloads with a script of the chart, because no tool lists objects through a pre-authenticated request. The URL is a credential and stays out of the command. */}}
{{- define "blueprint.storage.parDownload" -}}
- name: download-{{ .number }}
  image: {{ include "blueprint.quote" .Values.cluster.images.python }}
  command: [python3, /scripts/par-download.py]
  args:
    - --to=/volume
    {{- range .input.include }}
    - {{ include "blueprint.escapeVars" (printf "--include=%s" .) }}
    {{- end }}
    {{- range .input.exclude }}
    - {{ include "blueprint.escapeVars" (printf "--exclude=%s" .) }}
    {{- end }}
  env:
    - name: PAR
      valueFrom:
        secretKeyRef:
          name: {{ include "blueprint.storage.parSecret" . }}
          key: par-{{ .number }}
  {{- include "blueprint.storage.helper" . | nindent 2 }}
{{- end }}

{{/* blueprint.storage.bucketDownload downloads with rclone. A script adds a hint if rclone fails or finds nothing. */}}
{{- define "blueprint.storage.bucketDownload" -}}
- name: download-{{ .number }}
  image: {{ include "blueprint.quote" .Values.cluster.images.rclone }}
  command: [sh, /scripts/bucket-copy.sh]
  args:
    - {{ include "blueprint.escapeVars" (printf "store:%s" .input.bucket_name) }}
    - /volume
    {{- with include "blueprint.storage.filters" .input | trim }}
    {{- . | nindent 4 }}
    {{- end }}
  env:
    {{- include "blueprint.storage.rclone" . | trim | nindent 4 }}
  {{- include "blueprint.storage.helper" . | nindent 2 }}
{{- end }}

{{/* blueprint.storage.uploaders renders a container for each output. Symbolic links are uploaded as files, because buckets have none. */}}
{{- define "blueprint.storage.uploaders" -}}
{{- range $i, $output := .Values.output_object_storage }}
- name: upload-{{ $i }}
  image: {{ include "blueprint.quote" $.Values.cluster.images.rclone }}
  command: [sh, /scripts/bucket-copy.sh]
  args:
    - /volume
    - {{ include "blueprint.escapeVars" (printf "store:%s" $output.bucket_name) }}
    - --copy-links
    - --filter=- /lost+found/**
  env:
    {{- include "blueprint.storage.rclone" $ | trim | nindent 4 }}
  {{- include "blueprint.storage.helper" (dict "Values" $.Values "volume" (printf "output-%d" $i)) | nindent 2 }}
{{- end }}
{{- end }}

{{/* blueprint.storage.helper renders the common fields of the containers that copy. They have the same CPU and memory as the recipe's container, so that they do not increase the resources of the pod. */}}
{{- define "blueprint.storage.helper" -}}
{{- with include "blueprint.resources" (dict "Values" (pick .Values "cluster" "recipe_container_cpu_count" "recipe_container_memory_size")) -}}
{{ . }}
{{ end -}}
terminationMessagePolicy: FallbackToLogsOnError
volumeMounts:
  - name: {{ .volume }}
    mountPath: /volume
  - name: scripts
    mountPath: /scripts
    readOnly: true
securityContext:
  {{- include "blueprint.containerSecurity" . | nindent 2 }}
{{- end }}
