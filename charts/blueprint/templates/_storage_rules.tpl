{{/* blueprint.violations.objectStorage holds the inputs and outputs against each other and the cluster's values. */}}
{{- define "blueprint.violations.objectStorage" -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- include "blueprint.violations.input" (list $ $input (printf "/input_object_storage/%d" $i)) -}}
{{- end -}}
{{- include "blueprint.violations.places" (list "/input_object_storage" .Values.input_object_storage) -}}
{{- include "blueprint.violations.places" (list "/output_object_storage" .Values.output_object_storage) -}}
{{- end }}

{{/* blueprint.violations.input: objects come through a request or from a bucket, and only a bucket needs credentials. */}}
{{- define "blueprint.violations.input" -}}
{{- $storage := (index . 0).Values.cluster.objectStorage -}}
{{- $input := index . 1 -}}
{{- $pointer := index . 2 -}}
{{- if and $input.par $input.bucket_name -}}
{{- printf "%s: par and bucket_name are both set; remove one, as the objects can come from one place only [storage-source]\n" $pointer -}}
{{- else if $input.par -}}
{{- if not (regexMatch "^https://[^\\s/]+/\\S*/o(/\\S*)?$" $input.par) -}}
{{- printf "%s/par: this is not the URL of a pre-authenticated request; want https://HOST/p/TOKEN/n/NAMESPACE/b/BUCKET/o/, for one object with its key behind it [storage-par]\n" $pointer -}}
{{- end -}}
{{- else if not $input.bucket_name -}}
{{- printf "%s: neither par nor bucket_name is set; set one, to say where the objects come from [storage-source]\n" $pointer -}}
{{- else if not (or $storage.secretName $storage.skip) -}}
{{- printf "%s/bucket_name: a bucket needs credentials; set cluster.objectStorage.secretName to a Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and endpoint and region there where the buckets are not on AWS; or use par; or set cluster.objectStorage.skip to start with an empty volume [storage-credentials]\n" $pointer -}}
{{- end -}}
{{- end }}

{{/* blueprint.violations.places: two volumes of one kind can't be in the same place. */}}
{{- define "blueprint.violations.places" -}}
{{- $list := index . 0 -}}
{{- $seen := dict -}}
{{- range $i, $storage := index . 1 -}}
{{- $place := clean $storage.mount_location -}}
{{- if hasKey $seen $place -}}
{{- printf "%s/%d/mount_location: this is the place of %s/%d, too; choose another [storage-place]\n" $list $i $list (get $seen $place) -}}
{{- else -}}
{{- $_ := set $seen $place $i -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.objectStorage tells what a recipe asks for and does not get. */}}
{{- define "blueprint.warnings.objectStorage" -}}
{{- $storage := .Values.cluster.objectStorage -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- if and $input.bucket_name (not $storage.secretName) -}}
{{- printf "/input_object_storage/%d/bucket_name: the volume starts empty, as cluster.objectStorage.skip says [storage-skipped]\n" $i -}}
{{- end -}}
{{- end -}}
{{- if not (include "blueprint.storage.uploads" .) -}}
{{- $why := ternary "a service has no end at which to upload" "cluster.objectStorage.secretName is not set, so there are no credentials to upload with" (eq .Values.recipe_mode "service") -}}
{{- range $i, $_ := .Values.output_object_storage -}}
{{- printf "/output_object_storage/%d/bucket_name: %s; the files stay on the PersistentVolumeClaim %s-output-%d, also after the release is removed [storage-kept]\n" $i $why (include "blueprint.name" $) $i -}}
{{- end -}}
{{- if and .Values.output_object_storage (gt (int64 (include "blueprint.replicas" .)) 1) -}}
{{- printf "/recipe_replica_count: all pods share the volumes of output_object_storage, which only one node at a time can mount [storage-shared]\n" -}}
{{- end -}}
{{- end -}}
{{- end }}
