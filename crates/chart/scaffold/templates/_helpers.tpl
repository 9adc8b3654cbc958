{{/* The name of what runs: the chart's, unless overridden. */}}
{{- define "<CHARTNAME>.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of objects: release and chart, or the release alone if it names the chart. Labels end at 63 letters. */}}
{{- define "<CHARTNAME>.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := .Release.Name -}}
{{- if not (contains $name $full) -}}
{{- $full = printf "%s-%s" $full $name -}}
{{- end -}}
{{ .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Name and version of the chart as a label. */}}
{{- define "<CHARTNAME>.chart" -}}
{{ list .Chart.Name .Chart.Version | join "-" | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The labels that never change, by which Pods are found. */}}
{{- define "<CHARTNAME>.selectorLabels" -}}
app.kubernetes.io/name: {{ include "<CHARTNAME>.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels of every object. */}}
{{- define "<CHARTNAME>.labels" -}}
helm.sh/chart: {{ include "<CHARTNAME>.chart" . }}
{{ include "<CHARTNAME>.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ quote . }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The account that Pods run as. */}}
{{- define "<CHARTNAME>.serviceAccountName" -}}
{{- $default := "default" -}}
{{- if .Values.serviceAccount.create -}}
{{- $default = include "<CHARTNAME>.fullname" . -}}
{{- end -}}
{{ .Values.serviceAccount.name | default $default }}
{{- end }}
