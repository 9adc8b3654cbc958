//! Records too large for one object: what is kept in the object that Helm knows, and what in further ones.
//!
//! The object under the usual key holds a record that tells name, state, times and chart, so that `list` and `history`
//! are true for every reader. Its manifest names a kind that no cluster has, so that Helm refuses to change or delete
//! the release in place of orphaning its objects. Where the rest is stands in that manifest too, because Helm keeps it
//! whenever it writes a record that it has read.

use crate::codec;
use crate::error::{Error, ErrorKind};
use crate::record::{ChartPart, Info, Record};
use crate::storage::key;

/// The longest text of one object. A Secret or ConfigMap may hold 1 MiB, names of members included.
const LARGEST_TEXT: usize = (1 << 20) - 1024;

/// More parts than any record has; guards against texts that are no such manifest by accident.
const MOST_PARTS: usize = 1024;

/// What Helm finds in place of the manifest, up to the place of the rest.
const STAND_IN: &str = "---\n# This release is too large for one object of the cluster and is stored in several.\n\
    # Helm cannot read it; Pintle can.\napiVersion: pintle.dev/v1\nkind: ReleaseTooLargeForHelmUsePintle\nmetadata:\n  \
    name: stored-in-parts\nparts: ";

/// Where the rest of a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The key of the record and a hash of the rest, with a dot between: what the names of all parts begin with.
    base: String,
    /// How many objects.
    count: usize,
}

impl Parts {
    /// Returns where the rest of a stored record is; `None` for a whole one.
    pub(crate) fn of(record: &Record) -> Option<Parts> {
        let place = record.manifest.strip_prefix(STAND_IN)?.trim_end();
        let (base, count) = place.rsplit_once(' ')?;
        let count = count.parse().ok().filter(|count| *count <= MOST_PARTS)?;
        base.starts_with("sh.helm.release.").then(|| Parts { base: base.to_owned(), count })
    }

    /// Returns the names of the objects, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        (1..=self.count).map(|number| format!("{}.{number}", self.base)).collect()
    }

    /// Returns whether they were made for the record of that key, and not for another one that was copied.
    pub(crate) fn belong_to(&self, key: &str) -> bool {
        self.base.rsplit_once('.').is_some_and(|(own, _)| own == key)
    }

    fn hash(&self) -> &str {
        self.base.rsplit('.').next().unwrap_or_default()
    }
}

/// A record cut in two.
pub(crate) struct Split {
    /// The encoded record for the object that Helm knows.
    pub(crate) stub: String,
    /// Where the rest goes.
    pub(crate) parts: Parts,
    rest: String,
}

/// A record's text, ready to be stored.
pub(crate) enum Encoded {
    /// It fits into one object.
    Whole(String),
    /// It does not.
    Split(Split),
}

impl Encoded {
    /// Encodes a record; what is too long for one object is cut when `splits`.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub(crate) fn of(record: &Record, splits: bool) -> Result<Encoded, Error> {
        let text = codec::encode(record)?;
        if text.len() <= LARGEST_TEXT || !splits {
            return Ok(Encoded::Whole(text));
        }
        let rest = codec::encode(&constant(record))?;
        let base = format!("{}.{}", key(&record.name, record.version), codec::hash(rest.as_bytes()));
        let parts = Parts { base, count: rest.len().div_ceil(LARGEST_TEXT) };
        let stub = codec::encode(&stub(record, &parts))?;
        Ok(Encoded::Split(Split { stub, parts, rest }))
    }

    /// Returns the text of the object that Helm knows.
    pub(crate) fn text(&self) -> &str {
        match self {
            Encoded::Whole(text) => text,
            Encoded::Split(split) => &split.stub,
        }
    }
}

impl Split {
    /// Returns the texts of the parts, in order.
    pub(crate) fn pieces(&self) -> Vec<&str> {
        // Base64 has one byte for each character, so that any place will do for a cut.
        let bytes = self.rest.as_bytes().chunks(LARGEST_TEXT);
        bytes.map(|piece| std::str::from_utf8(piece).unwrap_or_default()).collect()
    }
}

/// What does not change with the state of a revision, but for the runs of its hooks.
fn constant(record: &Record) -> Record {
    Record {
        chart: record.chart.clone(),
        config: record.config.clone(),
        manifest: record.manifest.clone(),
        hooks: record.hooks.clone(),
        info: Info { notes: record.info.notes.clone(), ..Default::default() },
        ..Record::default()
    }
}

fn stub(record: &Record, parts: &Parts) -> Record {
    let metadata = record.chart.as_ref().map(|chart| chart.metadata.clone());
    Record {
        chart: metadata.map(|metadata| ChartPart { metadata, ..ChartPart::default() }),
        config: None,
        manifest: format!("{STAND_IN}{} {}\n", parts.base, parts.count),
        hooks: Vec::new(),
        info: Info { notes: String::new(), ..record.info.clone() },
        ..record.clone()
    }
}

/// Puts a record together again from the texts of its parts, in order.
///
/// # Errors
/// When they are not what the record names.
pub(crate) fn join(stub: Record, parts: &Parts, pieces: &[Vec<u8>]) -> Result<Record, Error> {
    let text = pieces.concat();
    if codec::hash(&text) != parts.hash() {
        return Err(ErrorKind::PartsDiffer.into());
    }
    let rest = codec::decode(&text)?;
    let info = Info { notes: rest.info.notes, ..stub.info };
    let (chart, config, manifest, hooks) = (rest.chart, rest.config, rest.manifest, rest.hooks);
    Ok(Record { info, chart, config, manifest, hooks, ..stub })
}

#[cfg(test)]
mod tests {
    use super::{Encoded, LARGEST_TEXT, Parts, join};
    use crate::codec;
    use crate::record::{Info, Record};

    /// Text that does not shrink.
    fn noise(length: usize) -> String {
        let mut state = 1_u64;
        let letter = move |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b' ' + (state >> 57) as u8 % 94)
        };
        (0..length).map(letter).collect()
    }

    fn record(length: usize) -> Record {
        let info = Info { notes: "hello".to_owned(), description: "d".to_owned(), ..Info::default() };
        Record { name: "r".to_owned(), manifest: noise(length), info, version: 2, ..Record::default() }
    }

    #[test]
    fn a_large_record_is_cut_and_put_together_again() {
        let large = record(3 << 20);
        let Encoded::Split(split) = Encoded::of(&large, true).unwrap() else { panic!("it fits nowhere") };
        let pieces: Vec<Vec<u8>> = split.pieces().iter().map(|piece| piece.as_bytes().to_vec()).collect();
        assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() <= LARGEST_TEXT));
        let key = "sh.helm.release.v1.r.v2";
        assert_eq!(split.parts.names()[0], format!("{key}.{}.1", split.parts.hash()));
        assert!(split.parts.belong_to(key) && !split.parts.belong_to("sh.helm.release.v1.r.v3"));
        let stub = codec::decode(split.stub.as_bytes()).unwrap();
        assert_eq!((stub.version, stub.info.description.as_str()), (2, "d"));
        assert!(stub.manifest.contains("kind: ReleaseTooLargeForHelmUsePintle"));
        assert_eq!(Parts::of(&stub).as_ref(), Some(&split.parts));
        assert_eq!(Parts::of(&large), None);
        assert_eq!(join(stub.clone(), &split.parts, &pieces).unwrap(), large);
        assert!(join(stub, &split.parts, &pieces[1..]).is_err());
    }

    #[test]
    fn a_small_record_and_one_that_is_not_to_be_cut_stay_whole() {
        assert!(matches!(Encoded::of(&record(100), true).unwrap(), Encoded::Whole(_)));
        assert!(matches!(Encoded::of(&record(3 << 20), false).unwrap(), Encoded::Whole(_)));
    }
}
