{{/* blueprint.violations.objects rejects inputs without exactly one source, and buckets without credentials. */}}
{{- define "blueprint.violations.objects" -}}
{{- $storage := .Values.cluster.objectStorage -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- if and $input.par $input.bucket_name -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d" $i) "object-source" "par and bucket_name cannot be used together; remove one") -}}
{{- else if not (or $input.par $input.bucket_name) -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d" $i) "object-source" "requires par or bucket_name") -}}
{{- else if and $input.par (not (regexMatch "^https://[^\\s/]+/\\S*/o(/\\S*)?$" $input.par)) -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/par" $i) "invalid-par-url" "must be the URL of a pre-authenticated request, such as https://HOST/p/TOKEN/n/NAMESPACE/b/BUCKET/o/") -}}
{{- else if not (or $input.par $storage.secretName $storage.skip) -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/bucket_name" $i) "bucket-credentials" "requires credentials; set cluster.objectStorage.secretName (and endpoint outside AWS), use par, or set cluster.objectStorage.skip to start with an empty volume") -}}
{{- end -}}
{{- end -}}
{{- end }}
