{{/* blueprint.violations.directories requires exactly one of the two names of the key with the directory. */}}
{{- define "blueprint.violations.directories" -}}
{{- range $i, $item := .Values.local_filesystem -}}
{{- if and $item.node_directory_path $item.local_directory_path -}}
{{- include "blueprint.finding" (list (printf "/local_filesystem/%d/local_directory_path" $i) "conflicting-keys" "cannot be used together with node_directory_path; remove this older name") -}}
{{- else if not (or $item.node_directory_path $item.local_directory_path) -}}
{{- include "blueprint.finding" (list (printf "/local_filesystem/%d" $i) "missing-key" "node_directory_path is missing") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.fileSystems rejects file systems that cluster.fileSystems does not define. */}}
{{- define "blueprint.violations.fileSystems" -}}
{{- $known := list -}}
{{- range $i, $item := .Values.cluster.fileSystems -}}
{{- $known = append $known $item.ocid -}}
{{- if not (or $item.claimName (and $item.server $item.path)) -}}
{{- include "blueprint.finding" (list (printf "/cluster/fileSystems/%d" $i) "missing-key" "requires claimName, or server and path") -}}
{{- end -}}
{{- end -}}
{{- range $i, $item := .Values.input_file_system -}}
{{- if not (has $item.file_system_ocid $known) -}}
{{- include "blueprint.finding" (list (printf "/input_file_system/%d/file_system_ocid" $i) "unknown-file-system" "is not defined in cluster.fileSystems; map it to an NFS export or a claim in a values file") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.names rejects claims or ConfigMaps with the same name, because they would be one object. */}}
{{- define "blueprint.violations.names" -}}
{{- $claims := list -}}
{{- range $i, $output := .Values.output_object_storage -}}
{{- $claims = append $claims (printf "output-%d" $i) -}}
{{- end -}}
{{- include "blueprint.violations.taken" (list "/pvcs/volumes" (default dict .Values.pvcs).volumes $claims) -}}
{{- include "blueprint.violations.taken" (list "/recipe_configmaps" .Values.recipe_configmaps (ternary (list "scripts") list (not (empty (include "blueprint.storage.scripts" .))))) -}}
{{- end }}

{{/* blueprint.violations.taken rejects names that are listed twice or that the chart uses itself. */}}
{{- define "blueprint.violations.taken" -}}
{{- $seen := index . 2 -}}
{{- range $i, $item := index . 1 -}}
{{- if has $item.name $seen -}}
{{- include "blueprint.finding" (list (printf "%s/%d/name" (index $ 0) $i) "duplicate-name" "duplicate name in this recipe") -}}
{{- end -}}
{{- $seen = append $seen $item.name -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.sizes rejects ConfigMaps above the API server's limit of 1 MiB. */}}
{{- define "blueprint.violations.sizes" -}}
{{- range $i, $item := .Values.recipe_configmaps -}}
{{- $size := 0 -}}
{{- range $item.data -}}
{{- $size = add $size (len .) -}}
{{- end -}}
{{- if gt (int64 $size) 1048576 -}}
{{- include "blueprint.finding" (list (printf "/recipe_configmaps/%d/data" $i) "configmap-size" "must be at most 1 MiB (1048576 bytes) in total; store large files on a volume or in the image") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.mounts rejects two volumes at the same path. */}}
{{- define "blueprint.violations.mounts" -}}
{{- $seen := dict -}}
{{- range include "blueprint.mounts" . | fromJsonArray -}}
{{- if hasKey $seen .mountPath -}}
{{- include "blueprint.finding" (list .pointer "duplicate-mount" (printf "already used as mount path by %s" (get $seen .mountPath))) -}}
{{- end -}}
{{- $_ := set $seen .mountPath .pointer -}}
{{- end -}}
{{- end }}
