{{/* blueprint.violations.objects: objects come through a request or from a bucket, and a bucket needs credentials. */}}
{{- define "blueprint.violations.objects" -}}
{{- $storage := .Values.cluster.objectStorage -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- if and $input.par $input.bucket_name -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d" $i) "object-source" "par and bucket_name are both set; remove one, as objects come from one place") -}}
{{- else if not (or $input.par $input.bucket_name) -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d" $i) "object-source" "neither par nor bucket_name is set; set one, to say where the objects come from") -}}
{{- else if and $input.par (not (regexMatch "^https://[^\\s/]+/\\S*/o(/\\S*)?$" $input.par)) -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/par" $i) "par-url" "is not the URL of a pre-authenticated request: https://HOST/p/TOKEN/n/NAMESPACE/b/BUCKET/o/, or with the key of one object behind it") -}}
{{- else if not (or $input.par $storage.secretName $storage.skip) -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/bucket_name" $i) "bucket-credentials" "requires credentials; set cluster.objectStorage.secretName to a Secret with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and outside AWS cluster.objectStorage.endpoint; or use par; or set cluster.objectStorage.skip to start with an empty volume") -}}
{{- end -}}
{{- end -}}
{{- end }}
