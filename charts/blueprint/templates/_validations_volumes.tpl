{{/* blueprint.violations.directories: the key with the directory has two spellings, and one of them is needed. */}}
{{- define "blueprint.violations.directories" -}}
{{- range $i, $item := .Values.local_filesystem -}}
{{- if and $item.node_directory_path $item.local_directory_path -}}
{{- include "blueprint.finding" (list (printf "/local_filesystem/%d/local_directory_path" $i) "two-spellings" "cannot be used together with node_directory_path; remove the older spelling") -}}
{{- else if not (or $item.node_directory_path $item.local_directory_path) -}}
{{- include "blueprint.finding" (list (printf "/local_filesystem/%d" $i) "missing-key" "node_directory_path is missing") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.fileSystems: an identifier of one cloud means nothing until cluster.fileSystems says what it is. */}}
{{- define "blueprint.violations.fileSystems" -}}
{{- $known := list -}}
{{- range $i, $item := .Values.cluster.fileSystems -}}
{{- $known = append $known $item.ocid -}}
{{- if not (or $item.claimName (and $item.server $item.path)) -}}
{{- include "blueprint.finding" (list (printf "/cluster/fileSystems/%d" $i) "missing-key" "want claimName, or server and path") -}}
{{- end -}}
{{- end -}}
{{- range $i, $item := .Values.input_file_system -}}
{{- if not (has $item.file_system_ocid $known) -}}
{{- include "blueprint.finding" (list (printf "/input_file_system/%d/file_system_ocid" $i) "unknown-file-system" "is not among cluster.fileSystems; say there, in a file for --values, which NFS export or claim it is") -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.names: two claims or ConfigMaps of one name would be one object. */}}
{{- define "blueprint.violations.names" -}}
{{- $claims := list -}}
{{- range $i, $output := .Values.output_object_storage -}}
{{- $claims = append $claims (printf "output-%d" $i) -}}
{{- end -}}
{{- include "blueprint.violations.taken" (list "/pvcs/volumes" (default dict .Values.pvcs).volumes $claims) -}}
{{- include "blueprint.violations.taken" (list "/recipe_configmaps" .Values.recipe_configmaps (ternary (list "scripts") list (not (empty (include "blueprint.storage.scripts" .))))) -}}
{{- end }}

{{/* blueprint.violations.taken looks through a list for names that are in it twice, or that the chart itself uses. */}}
{{- define "blueprint.violations.taken" -}}
{{- $seen := index . 2 -}}
{{- range $i, $item := index . 1 -}}
{{- if has $item.name $seen -}}
{{- include "blueprint.finding" (list (printf "%s/%d/name" (index $ 0) $i) "duplicate-name" "another one of this recipe has this name already") -}}
{{- end -}}
{{- $seen = append $seen $item.name -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.sizes: the API server takes no ConfigMap whose values are above 1 MiB in total. */}}
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

{{/* blueprint.violations.mounts: at one path there is one volume. */}}
{{- define "blueprint.violations.mounts" -}}
{{- $seen := dict -}}
{{- range include "blueprint.mounts" . | fromJsonArray -}}
{{- if hasKey $seen .mountPath -}}
{{- include "blueprint.finding" (list .pointer "duplicate-mount" (printf "something is already mounted there: %s" (get $seen .mountPath))) -}}
{{- end -}}
{{- $_ := set $seen .mountPath .pointer -}}
{{- end -}}
{{- end }}
