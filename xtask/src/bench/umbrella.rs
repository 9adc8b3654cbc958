//! A generated chart with a hundred subcharts, each like a service of a larger system.

use std::fs;
use std::path::Path;

const SUBCHARTS: usize = 100;

const TEMPLATE: &str = r#"{{- $name := printf "%s-%s" .Release.Name .Chart.Name | trunc 63 -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "NAME.labels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "NAME.labels" . | nindent 8 }}
      annotations:
        checksum: {{ toJson .Values | sha256sum }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
            {{- range $key, $text := .Values.env }}
            - name: {{ $key | upper }}
              value: {{ tpl $text $ | quote }}
            {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
spec:
  ports:
    {{- range .Values.ports }}
    - name: {{ .name }}
      port: {{ .port }}
    {{- end }}
"#;

const HELPERS: &str = r#"{{- define "NAME.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- if .Values.global.team }}
team: {{ .Values.global.team }}
{{- end }}
{{- end }}
"#;

const VALUES: &str = "replicas: 2\nimage: {repository: example/app, tag: ''}\nenv:\n  log_level: info\n  host: \
    '{{ .Release.Name }}.local'\n  plain: text\nports:\n  - {name: http, port: 80}\n  - {name: grpc, port: 9000}\n\
    resources:\n  requests: {cpu: 100m, memory: 64Mi}\n  limits: {memory: 128Mi}\n";

/// Writes the chart to `scratch/umbrella`.
pub(crate) fn write(scratch: &Path) -> Result<(), String> {
    let root = scratch.join("umbrella");
    file(&root.join("Chart.yaml"), "apiVersion: v2\nname: umbrella\nversion: 1.0.0\n")?;
    file(&root.join("values.yaml"), "global:\n  team: platform\n")?;
    for number in 0..SUBCHARTS {
        let name = format!("service{number:03}");
        let chart = root.join("charts").join(&name);
        let metadata = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\nappVersion: \"1.{number}\"\n");
        file(&chart.join("Chart.yaml"), &metadata)?;
        file(&chart.join("values.yaml"), VALUES)?;
        file(&chart.join("templates/_helpers.tpl"), &HELPERS.replace("NAME", &name))?;
        file(&chart.join("templates/app.yaml"), &TEMPLATE.replace("NAME", &name))?;
    }
    Ok(())
}

fn file(path: &Path, text: &str) -> Result<(), String> {
    let problem = |error: std::io::Error| format!("write {}: {error}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(problem)?;
    }
    fs::write(path, text).map_err(problem)
}
