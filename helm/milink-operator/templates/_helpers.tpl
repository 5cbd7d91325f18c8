{{- define "milink-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The release's name when that says what it is, else both. */}}
{{- define "milink-operator.fullname" -}}
{{- $name := include "milink-operator.name" . -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "milink-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "milink-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "milink-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "milink-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "milink-operator.labels" -}}
{{ include "milink-operator.selectorLabels" . }}
app.kubernetes.io/part-of: milink
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "milink-operator.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The operator adds the shard to the name that it is given. */}}
{{- define "milink-operator.leaseName" -}}
{{- include "milink-operator.fullname" . }}{{ with .Values.shard }}-{{ . }}{{ end }}
{{- end }}

{{- define "milink-operator.rules" -}}
{{- (.Files.Get "files/rbac/role.yaml" | fromYaml).rules | toYaml }}
{{- end }}
