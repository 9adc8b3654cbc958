//! The stored form of a record: JSON, compressed, in base64 (`pkg/storage/driver/util.go`).

use std::io::{Read, Write};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind};
use crate::go_json::to_go_json;
use crate::record::Record;

const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];

/// More than any record can hold: the server takes objects of at most 1.5 MiB, and JSON shrinks at most some
/// hundredfold. Guards against archives made to burst.
const LIMIT: u64 = 1 << 30;

/// Encodes a record.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn encode(record: &Record) -> Result<String, Error> {
    let failed = |cause: std::io::Error| Error::from(ErrorKind::Compress(cause));
    let json = to_go_json(record).map_err(ErrorKind::Json)?;
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 3), Compression::best());
    encoder.write_all(&json).map_err(failed)?;
    let compressed = encoder.finish().map_err(failed)?;
    Ok(STANDARD.encode(compressed))
}

/// As Go's `base64.StdEncoding`, which minds the padding but not what the last letter says beyond it.
const GO_STANDARD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Decodes a record; one that is not compressed is read too.
///
/// # Errors
/// When the text is no base64, no gzip or no record; in Go's words as far as they can be told.
pub fn decode(text: &[u8]) -> Result<Record, Error> {
    let bytes = GO_STANDARD.decode(text).map_err(|error| no_base64(&error, text.len()))?;
    if bytes.len() > 3 && bytes.starts_with(GZIP) {
        let mut json = Vec::with_capacity(bytes.len() * 4);
        let expanded = MultiGzDecoder::new(bytes.as_slice()).take(LIMIT).read_to_end(&mut json);
        expanded.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ErrorKind::CutOff,
            _ => ErrorKind::Compress(error),
        })?;
        return read(&json);
    }
    read(&bytes)
}

fn read(json: &[u8]) -> Result<Record, Error> {
    let start = json.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    // A list would do for a record, member by member.
    let found = match start {
        Some(b'[') => Some("array"),
        Some(b'"') => Some("string"),
        Some(b't' | b'f') => Some("bool"),
        Some(b'-' | b'0'..=b'9') => Some("number"),
        _ => None,
    };
    let record = serde_json::from_slice(json).map_err(|error| match value::json::read(json) {
        Ok(_) => ErrorKind::Json(error),
        Err(syntax) => ErrorKind::Syntax(syntax.inner_text()),
    });
    match (found, record) {
        (Some(found), Ok(_) | Err(ErrorKind::Json(_))) => Err(ErrorKind::NoRecord(found).into()),
        (_, record) => Ok(record?),
    }
}

/// Go names the first letter of four that are not whole.
fn no_base64(error: &base64::DecodeError, length: usize) -> Error {
    let offset = match error {
        base64::DecodeError::InvalidByte(offset, _) | base64::DecodeError::InvalidLastSymbol(offset, _) => {
            *offset
        }
        base64::DecodeError::InvalidLength(_) => length / 4 * 4,
        base64::DecodeError::InvalidPadding => length,
    };
    ErrorKind::Base64(offset).into()
}

/// Returns the first ten hexadecimal digits of the SHA-256 hash of a text.
pub(crate) fn hash(text: &[u8]) -> String {
    let digest = Sha256::digest(text);
    digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::record::Record;
    use crate::status::Status;

    const HELM_4: &str = r#"{"name":"a","info":{"first_deployed":"2026-11-22T07:11:31.103733609Z","last_deployed":"2026-11-22T07:11:31.103733609Z","description":"Install complete","status":"deployed"},"chart":{"metadata":{"name":"app","version":"0.1.0"},"lock":null,"templates":[{"name":"templates/a.yaml","data":"aGk=","modtime":"2024-01-02T03:04:05Z"}],"values":{"a":1},"schema":null,"schemamodtime":"0001-01-01T00:00:00Z","files":null,"modtime":"2024-01-02T03:04:05Z"},"config":{"b":null},"manifest":"---\n","hooks":[{"name":"h","last_run":{"phase":""}}],"version":1,"namespace":"n","apply_method":"ssa"}"#;

    #[test]
    fn records_of_helm_4_are_kept_to_the_byte() {
        let record: Record = serde_json::from_str(HELM_4).unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), HELM_4);
        assert_eq!(
            record.chart.as_ref().unwrap().templates.as_ref().unwrap()[0]
                .data
                .as_ref()
                .unwrap()
                .to_bytes()
                .unwrap(),
            b"hi"
        );
        assert_eq!(decode(encode(&record).unwrap().as_bytes()).unwrap(), record);
    }

    #[test]
    fn members_and_escapes_are_gos() {
        let text = r#"{"name":"a","info":{"status":"deployed","notes":"<&>"},"chart":{"metadata":{"apiVersion":"v2","name":"n","version":"1"}}}"#;
        let record: Record = serde_json::from_str(text).unwrap();
        let json = String::from_utf8(crate::to_go_json(&record).unwrap()).unwrap();
        assert!(json.contains(r#""metadata":{"name":"n","version":"1","apiVersion":"v2"}"#), "{json}");
        assert!(json.contains(r#""notes":"\u003c\u0026\u003e""#), "{json}");
    }

    #[test]
    fn records_of_helm_3_are_read() {
        let text = r#"{"name":"a","info":{"first_deployed":"2020-01-01T00:00:00+01:00","deleted":"","status":"failed"},"version":2,"hooks":null}"#;
        let record: Record = serde_json::from_str(text).unwrap();
        assert_eq!(record.info.status, Status::Failed);
        assert_eq!(record.info.deleted, None);
        assert!(!record.is_server_side());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "?", "aGk=", "H4sIAAAA"] {
            assert!(decode(text.as_bytes()).is_err(), "{text}");
        }
    }
}
