{{/* blueprint.violations.objects: objects come through a request or from a bucket, and a bucket needs credentials. */}}
{{- define "blueprint.violations.objects" -}}
{{- $storage := .Values.cluster.objectStorage -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- if and $input.par $input.bucket_name -}}
{{- printf "/input_object_storage/%d: par and bucket_name are both set; remove one, as objects come from one place [object-source]\n" $i -}}
{{- else if not (or $input.par $input.bucket_name) -}}
{{- printf "/input_object_storage/%d: neither par nor bucket_name is set; set one, to say where the objects come from [object-source]\n" $i -}}
{{- else if and $input.par (not (regexMatch "^https://[^\\s/]+/\\S*/o(/\\S*)?$" $input.par)) -}}
{{- printf "/input_object_storage/%d/par: is not the URL of a pre-authenticated request: https://HOST/p/TOKEN/n/NAMESPACE/b/BUCKET/o/, or with the key of one object behind it [par-url]\n" $i -}}
{{- else if not (or $input.par $storage.secretName $storage.skip) -}}
{{- printf "/input_object_storage/%d/bucket_name: there are no credentials for buckets; set cluster.objectStorage.secretName to a Secret with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and outside AWS cluster.objectStorage.endpoint; or use par; or set cluster.objectStorage.skip to start with an empty volume [bucket-credentials]\n" $i -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* blueprint.warnings.objects tells what a recipe asks for and does not get, and of requests, which are credentials. */}}
{{- define "blueprint.warnings.objects" -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- if $input.par -}}
{{- printf "/input_object_storage/%d/par: is a credential in clear text; it is kept in a Secret, but everybody who sees the recipe or its release can read the objects until it expires [clear-token]\n" $i -}}
{{- else if not $.Values.cluster.objectStorage.secretName -}}
{{- printf "/input_object_storage/%d/bucket_name: nothing is downloaded, as there are no credentials and cluster.objectStorage.skip is set [no-download]\n" $i -}}
{{- end -}}
{{- end -}}
{{- if include "blueprint.storage.kept" . -}}
{{- range $i, $output := .Values.output_object_storage -}}
{{- $claim := printf "%s-output-%d" (include "blueprint.name" $) $i -}}
{{- if eq $.Values.recipe_mode "service" -}}
{{- printf "/output_object_storage/%d/bucket_name: nothing is uploaded, as a service has no end; the files are on the claim %s and stay there after an undeploy [no-upload]\n" $i $claim -}}
{{- else -}}
{{- printf "/output_object_storage/%d/bucket_name: nothing is uploaded, as there are no credentials; the files are on the claim %s and stay there after an undeploy; for an upload set cluster.objectStorage.secretName [no-upload]\n" $i $claim -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
