//! A chart to an archive: which members in which order, as Helm writes them. Pure.

use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flate2::{Compression, GzBuilder};
use value::time::{Time, Zone};

use crate::{
    API_VERSION_V1, API_VERSION_V2, Chart, Error, ErrorKind, go_json, go_text, tar_writer::TarWriter,
};

/// The layout in which a lock file holds its time (Go's `time.RFC3339Nano`).
const LOCK_TIME: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// The operating system byte that Go's gzip writes: unknown.
const GZIP_OS_UNKNOWN: u8 = 255;

/// Where times come from.
#[derive(Debug, Clone, Copy)]
pub enum Times {
    /// Each member keeps the time of its file; `now` stands for an unknown one.
    OfFiles {
        /// The present time.
        now: SystemTime,
    },
    /// All members have this time (`SOURCE_DATE_EPOCH`), the lock file's own included.
    All(SystemTime),
}

/// Returns the name of a chart's archive.
pub fn file_name(chart: &Chart) -> String {
    format!("{}-{}.tgz", chart.name(), chart.metadata.version)
}

/// Returns the archive of a chart with the charts below it (Helm: chart/v2/util/save.go, Save).
///
/// # Errors
/// When a name leads out of the archive, or the schema is not JSON.
pub fn archive(chart: &Chart, times: Times) -> Result<Vec<u8>, Error> {
    let mut tar = TarWriter::default();
    Packer { tar: &mut tar, times }.chart(chart, "")?;
    let mut zipped = GzBuilder::new()
        .comment("Helm")
        .operating_system(GZIP_OS_UNKNOWN)
        .write(Vec::new(), Compression::default());
    zipped
        .write_all(&tar.finish())
        .and_then(|()| zipped.finish())
        .map_err(|error| Error::refused(error.to_string()))
}

/// Returns `Chart.yaml` as Helm writes it: sorted by name, without comments; a chart of version 1 keeps its
/// dependencies elsewhere.
///
/// # Errors
/// When a text has no YAML form.
pub fn metadata_file(chart: &Chart) -> Result<Vec<u8>, Error> {
    let mut metadata = chart.metadata.clone();
    if metadata.api_version == API_VERSION_V1 {
        metadata.dependencies = None;
    }
    yaml(&go_json::metadata_json(&metadata))
}

struct Packer<'t> {
    tar: &'t mut TarWriter,
    times: Times,
}

impl Packer<'_> {
    fn chart(&mut self, chart: &Chart, prefix: &str) -> Result<(), Error> {
        check_name(chart.name())?;
        let base = crate::clean(&format!("{prefix}{}", chart.name()));
        self.member(&base, "Chart.yaml", &metadata_file(chart)?, chart.modified);
        self.lock(chart, &base)?;
        for file in chart.raw.iter().filter(|file| &*file.name == "values.yaml") {
            self.member(&base, &file.name, &file.data, file.modified);
        }
        if let Some(schema) = &chart.schema {
            if value::json::read(schema).is_err() {
                return Err(Error::refused("invalid JSON in values.schema.json"));
            }
            let file = chart.raw.iter().find(|file| &*file.name == "values.schema.json");
            self.member(&base, "values.schema.json", schema, file.and_then(|file| file.modified));
        }
        for file in chart.templates.iter().chain(chart.files.iter()) {
            self.member(&base, &file.name, &file.data, file.modified);
        }
        chart.dependencies.iter().try_for_each(|below| self.chart(below, &format!("{base}/charts/")))
    }

    fn lock(&mut self, chart: &Chart, base: &str) -> Result<(), Error> {
        let Some(lock) = chart.lock.as_ref().filter(|_| chart.metadata.api_version == API_VERSION_V2) else {
            return Ok(());
        };
        let generated = match self.times {
            Times::All(time) => Time::from_system(time, Zone::Utc),
            Times::OfFiles { .. } => {
                value::time::parse(LOCK_TIME, &lock.generated, &Zone::Utc).unwrap_or(Time::ZERO)
            }
        };
        let dependencies = match lock.dependencies.is_empty() && !holds_list(chart) {
            true => serde_json::Value::Null,
            false => go_json::dependencies_json(&lock.dependencies),
        };
        let text = yaml(&serde_json::json!({
            "dependencies": dependencies,
            "digest": lock.digest,
            "generated": generated.format(LOCK_TIME),
        }))?;
        let seconds = u64::try_from(generated.seconds).ok().map(Duration::from_secs);
        let modified = seconds.filter(|_| !generated.is_zero()).map(|since| UNIX_EPOCH + since);
        self.member(base, "Chart.lock", &text, modified);
        Ok(())
    }

    fn member(&mut self, base: &str, name: &str, data: &[u8], modified: Option<SystemTime>) {
        let time = match self.times {
            Times::All(time) => time,
            Times::OfFiles { now } => modified.unwrap_or(now),
        };
        self.tar.add(&crate::clean(&format!("{base}/{name}")), data, seconds(time));
    }
}

/// Returns seconds since 1970, rounded as Go rounds them for a tar header.
fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() + u64::from(since.subsec_millis() >= 500)
}

/// Returns whether the lock file has a list of dependencies, though an empty one: Go tells it from none.
fn holds_list(chart: &Chart) -> bool {
    let is_lock = |name: &str| name == "Chart.lock" || name == "requirements.lock";
    let files = chart.raw.iter().filter(|file| is_lock(&file.name));
    let mut documents =
        files.filter_map(|file| value::yaml::to_json(&file.data, value::yaml::Duplicates::LastWins).ok());
    documents.any(|document| document["dependencies"].is_array())
}

fn yaml(json: &serde_json::Value) -> Result<Vec<u8>, Error> {
    value::yaml::write_json(json).map_err(|error| ErrorKind::Yaml(error).into())
}

/// A name that is a path would put the members elsewhere (`validateName`).
fn check_name(name: &str) -> Result<(), Error> {
    match name.contains('/') || matches!(name, "" | "." | "..") {
        true => Err(Error::refused(format!("{} is not a valid chart name", go_text::quote(name)))),
        false => Ok(()),
    }
}
