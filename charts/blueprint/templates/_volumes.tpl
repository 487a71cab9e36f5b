{{/* blueprint.volumes renders the volumes of the pod. blueprint.volumeMounts is its counterpart. */}}
{{- define "blueprint.volumes" -}}
{{- range list "shm" "cache" "directories" "fileSystems" "claims" "objects" "scripts" "secrets" "configMaps" -}}
{{- with include (printf "blueprint.volumes.%s" .) $ | trim }}
{{ . }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.volumeMounts renders the volume mounts of the container. */}}
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

{{/* blueprint.mounts returns a JSON list of the mounts, each with the pointer to its key for blueprint.violations.mounts. */}}
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

{{/* blueprint.volumes.shm renders /dev/shm, for which container runtimes provide only 64 MiB. */}}
{{- define "blueprint.volumes.shm" -}}
{{- $size := int64 .Values.recipe_shared_memory_volume_size_limit_in_mb -}}
{{- if gt $size 0 -}}
- name: shm
  emptyDir:
    medium: Memory
    sizeLimit: {{ $size }}Mi
{{- end -}}
{{- end }}

{{/* blueprint.volumes.cache renders the volume to which blueprint.cacheEnv points. */}}
{{- define "blueprint.volumes.cache" -}}
{{- if eq .Values.cluster.podSecurity "restricted" -}}
- name: cache
  emptyDir: {}
{{- end -}}
{{- end }}

{{/* blueprint.volumes.directories renders directories of the node, which are created if they do not exist. */}}
{{- define "blueprint.volumes.directories" -}}
{{- range $i, $item := .Values.local_filesystem }}
- name: directory-{{ $i }}
  hostPath:
    path: {{ include "blueprint.quote" ($item.node_directory_path | default $item.local_directory_path) }}
    type: DirectoryOrCreate
{{- end -}}
{{- end }}

{{/* blueprint.volumes.fileSystems renders the shared file systems defined in cluster.fileSystems. */}}
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

{{/* blueprint.volumes.claims renders the claims from persistentvolumeclaims.yaml. */}}
{{- define "blueprint.volumes.claims" -}}
{{- range $i, $item := (default dict .Values.pvcs).volumes }}
- name: claim-{{ $i }}
  persistentVolumeClaim:
    claimName: {{ include "blueprint.name" $ }}-{{ $item.name }}
{{- end -}}
{{- end }}

{{/* blueprint.volumes.secrets renders the Secrets that are mounted as files. */}}
{{- define "blueprint.volumes.secrets" -}}
{{- range $i, $item := .Values.recipe_secret_mounts }}
- name: secret-{{ $i }}
  secret:
    secretName: {{ include "blueprint.quote" $item.name }}
{{- end -}}
{{- end }}

{{/* blueprint.volumes.configMaps renders the ConfigMaps from configmaps.yaml. */}}
{{- define "blueprint.volumes.configMaps" -}}
{{- range $i, $item := .Values.recipe_configmaps }}
- name: configmap-{{ $i }}
  configMap:
    name: {{ include "blueprint.name" $ }}-{{ $item.name }}
    defaultMode: {{ include "blueprint.intDefault" (list $item.default_mode 420) }}
{{- end -}}
{{- end }}

{{/* blueprint.hasClaims reports whether the pods use a volume that only one node can mount at a time. */}}
{{- define "blueprint.hasClaims" -}}
{{- if or (default dict .Values.pvcs).volumes (include "blueprint.storage.kept" .) -}}
true
{{- end -}}
{{- end }}
