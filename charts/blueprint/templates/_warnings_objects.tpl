{{/* blueprint.warnings.objects lists transfers that do not take place, and pre-authenticated requests, which are credentials. */}}
{{- define "blueprint.warnings.objects" -}}
{{- range $i, $input := .Values.input_object_storage -}}
{{- if $input.par -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/par" $i) "clear-token" "is a credential in clear text; it is kept in a Secret, but everybody who sees the recipe or its release can read the objects until it expires") -}}
{{- else if not $.Values.cluster.objectStorage.secretName -}}
{{- include "blueprint.finding" (list (printf "/input_object_storage/%d/bucket_name" $i) "no-download" "not downloaded: no credentials are configured and cluster.objectStorage.skip is set") -}}
{{- end -}}
{{- end -}}
{{- if include "blueprint.storage.kept" . -}}
{{- range $i, $output := .Values.output_object_storage -}}
{{- $claim := printf "%s-output-%d" (include "blueprint.name" $) $i -}}
{{- if eq $.Values.recipe_mode "service" -}}
{{- include "blueprint.finding" (list (printf "/output_object_storage/%d/bucket_name" $i) "no-upload" (printf "not uploaded: a service never finishes; the files stay on the PersistentVolumeClaim %s, also after undeploy" $claim)) -}}
{{- else -}}
{{- include "blueprint.finding" (list (printf "/output_object_storage/%d/bucket_name" $i) "no-upload" (printf "not uploaded: no credentials are configured; the files stay on the PersistentVolumeClaim %s, also after undeploy; to upload them, set cluster.objectStorage.secretName" $claim)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
