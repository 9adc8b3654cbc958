//! The releases of a namespace, or of all (`helm list`).

use std::collections::BTreeMap;

use release::{Record, Status, Wanted, Window};

use crate::connections::Connections;
use crate::error::Error;

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By name.
    #[default]
    Name,
    /// By name, backwards.
    NameReversed,
    /// By the time of the newest revision, oldest first; equal seconds by name.
    Date,
    /// Newest first.
    DateReversed,
}

/// Everything a listing is told.
pub struct Request<'a> {
    /// States that are shown; empty for all.
    pub states: Vec<Status>,
    /// Which names are shown.
    pub filter: &'a dyn Fn(&str) -> bool,
    /// Which labels are shown.
    pub selector: &'a dyn Fn(&release::Labels) -> bool,
    /// The order.
    pub order: Order,
    /// How many are left out at the beginning.
    pub offset: usize,
    /// How many are shown at most; 0 for all.
    pub limit: usize,
}

/// Lists the newest revision of every release, or with `states` of just `superseded` all superseded revisions.
///
/// # Errors
/// When the cluster does not answer or records cannot be listed.
pub async fn run(request: &Request<'_>, connections: Connections<'_>) -> Result<Vec<Record>, Error> {
    connections.cluster.check_reachable().await?;
    let mut records = match request.states == [Status::Superseded] {
        true => connections.releases.list().await?,
        false => {
            let wanted = Wanted {
                name: request.filter,
                labels: request.selector,
                status: &|status| shows(&request.states, status),
                window: request.window(),
            };
            newest(connections.releases.newest(&wanted).await?)
        }
    };
    records.retain(|record| request.shows(record));
    sort(&mut records, request.order);
    Ok(records.into_iter().skip(request.offset).take(request.most()).collect())
}

impl Request<'_> {
    fn most(&self) -> usize {
        if self.limit == 0 { usize::MAX } else { self.limit }
    }

    /// What is shown can be told before times are known.
    fn window(&self) -> Option<Window> {
        let window = |is_reversed| Window { is_reversed, offset: self.offset, limit: self.most() };
        match self.order {
            Order::Name => Some(window(false)),
            Order::NameReversed => Some(window(true)),
            Order::Date | Order::DateReversed => None,
        }
    }

    fn shows(&self, record: &Record) -> bool {
        shows(&self.states, &record.info.status)
            && (self.filter)(&record.name)
            && (self.selector)(&record.labels)
    }
}

/// All states means all that are known: `unknown` and foreign words are never listed (`ListAll`).
fn shows(states: &[Status], status: &Status) -> bool {
    match status {
        Status::Unknown | Status::Other(_) => false,
        known => states.is_empty() || states.contains(known),
    }
}

fn newest(records: Vec<Record>) -> Vec<Record> {
    let mut newest: BTreeMap<(String, String), Record> = BTreeMap::new();
    for record in records {
        let key = (record.namespace.clone(), record.name.clone());
        match newest.get(&key) {
            Some(known) if known.version > record.version => {}
            _ => {
                newest.insert(key, record);
            }
        }
    }
    newest.into_values().collect()
}

fn sort(records: &mut [Record], order: Order) {
    let seconds = |record: &Record| record.info.last_deployed.map_or(i64::MIN, |time| time.unix_seconds);
    match order {
        Order::Name => records.sort_by(|a, b| a.name.cmp(&b.name)),
        Order::NameReversed => records.sort_by(|a, b| b.name.cmp(&a.name)),
        Order::Date => records.sort_by(|a, b| seconds(a).cmp(&seconds(b)).then_with(|| a.name.cmp(&b.name))),
        Order::DateReversed => {
            records.sort_by(|a, b| seconds(b).cmp(&seconds(a)).then_with(|| b.name.cmp(&a.name)));
        }
    }
}
