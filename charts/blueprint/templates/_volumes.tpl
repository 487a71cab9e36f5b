{{/* blueprint.volumes lists the pod's volumes, topic by topic; blueprint.volumeMounts is its counterpart. */}}
{{- define "blueprint.volumes" -}}
{{- range list "shm" "cache" "directories" "fileSystems" "claims" "objects" "scripts" "secrets" "configMaps" -}}
{{- with include (printf "blueprint.volumes.%s" .) $ | trim }}
{{ . }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.volumeMounts says where the container finds the volumes. */}}
{{- define "blueprint.volumeMounts" -}}
{{- with include "blueprint.mounts" . | fromJsonArray -}}
volumeMounts:
  {{- range . }}
  - name: {{ .name }}
    mountPath: {{ include "blueprint.quote" .mountPath }}
    {{- if hasPrefix "secret-" .name }}
    readOnly: true
    {{- end }}
  {{- end }}
{{- end -}}
{{- end }}

{{/* blueprint.mounts is a JSON list of the mounts, each with the pointer to what it comes from, for blueprint.violations.mounts. */}}
{{- define "blueprint.mounts" -}}
{{- $mounts := list -}}
{{- if gt (int64 .Values.recipe_shared_memory_volume_size_limit_in_mb) 0 -}}
{{- $mounts = append $mounts (dict "name" "shm" "mountPath" "/dev/shm" "pointer" "/recipe_shared_memory_volume_size_limit_in_mb") -}}
{{- end -}}
{{- if eq .Values.cluster.podSecurity "restricted" -}}
{{- $mounts = append $mounts (dict "name" "cache" "mountPath" "/cache" "pointer" "/cluster/podSecurity") -}}
{{- end -}}
{{- $pvcs := default dict .Values.pvcs -}}
{{- range $source := list
  (list "directory" "local_filesystem" .Values.local_filesystem)
  (list "filesystem" "input_file_system" .Values.input_file_system)
  (list "claim" "pvcs/volumes" $pvcs.volumes)
  (list "secret" "recipe_secret_mounts" .Values.recipe_secret_mounts)
  (list "configmap" "recipe_configmaps" .Values.recipe_configmaps) -}}
{{- range $i, $item := index $source 2 -}}
{{- $mounts = append $mounts (dict "name" (printf "%s-%d" (index $source 0) $i) "mountPath" $item.mount_location "pointer" (printf "/%s/%d/mount_location" (index $source 1) $i)) -}}
{{- end -}}
{{- end -}}
{{- concat $mounts (include "blueprint.storage.mounts" . | fromJsonArray) | toJson -}}
{{- end }}

{{/* blueprint.volumes.shm: memory as /dev/shm, where a container runtime gives 64 MiB. */}}
{{- define "blueprint.volumes.shm" -}}
{{- $size := int64 .Values.recipe_shared_memory_volume_size_limit_in_mb -}}
{{- if gt $size 0 -}}
- name: shm
  emptyDir:
    medium: Memory
    sizeLimit: {{ $size }}Mi
{{- end -}}
{{- end }}

{{/* blueprint.volumes.cache is for what blueprint.cacheEnv points at. */}}
{{- define "blueprint.volumes.cache" -}}
{{- if eq .Values.cluster.podSecurity "restricted" -}}
- name: cache
  emptyDir: {}
{{- end -}}
{{- end }}

{{/* blueprint.volumes.directories: the node's own directories, made where they are missing. */}}
{{- define "blueprint.volumes.directories" -}}
{{- range $i, $item := .Values.local_filesystem }}
- name: directory-{{ $i }}
  hostPath:
    path: {{ include "blueprint.quote" ($item.node_directory_path | default $item.local_directory_path) }}
    type: DirectoryOrCreate
{{- end -}}
{{- end }}

{{/* blueprint.volumes.fileSystems: shared file systems, as cluster.fileSystems knows them. */}}
{{- define "blueprint.volumes.fileSystems" -}}
{{- range $i, $item := .Values.input_file_system }}
{{- range $.Values.cluster.fileSystems }}
{{- if eq .ocid $item.file_system_ocid }}
- name: filesystem-{{ $i }}
  {{- if .claimName }}
  persistentVolumeClaim:
    claimName: {{ include "blueprint.quote" .claimName }}
  {{- else }}
  nfs:
    server: {{ include "blueprint.quote" .server }}
    path: {{ include "blueprint.quote" .path }}
  {{- end }}
{{- break }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.volumes.claims: the claims that persistentvolumeclaims.yaml makes. */}}
{{- define "blueprint.volumes.claims" -}}
{{- range $i, $item := (default dict .Values.pvcs).volumes }}
- name: claim-{{ $i }}
  persistentVolumeClaim:
    claimName: {{ include "blueprint.name" $ }}-{{ $item.name }}
{{- end -}}
{{- end }}

{{/* blueprint.volumes.secrets: secrets as files. */}}
{{- define "blueprint.volumes.secrets" -}}
{{- range $i, $item := .Values.recipe_secret_mounts }}
- name: secret-{{ $i }}
  secret:
    secretName: {{ include "blueprint.quote" $item.name }}
{{- end -}}
{{- end }}

{{/* blueprint.volumes.configMaps: the ConfigMaps that configmaps.yaml makes. */}}
{{- define "blueprint.volumes.configMaps" -}}
{{- range $i, $item := .Values.recipe_configmaps }}
- name: configmap-{{ $i }}
  configMap:
    name: {{ include "blueprint.name" $ }}-{{ $item.name }}
    defaultMode: {{ include "blueprint.number" (list $item.default_mode 420) }}
{{- end -}}
{{- end }}

{{/* blueprint.hasClaims tells whether the pods mount a volume that one node mounts at a time. */}}
{{- define "blueprint.hasClaims" -}}
{{- if or (default dict .Values.pvcs).volumes (include "blueprint.storage.kept" .) -}}
true
{{- end -}}
{{- end }}
