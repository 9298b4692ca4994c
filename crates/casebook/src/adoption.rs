//! Taking over what headquarters published: number blocks, rosters, packs.

use std::path::Path;

use journal::body::{
    ActRefused, HqLeaseGranted, HqPackPublished, HqRosterPublished, HqSealsGranted, LeaseAdopted,
    PackAdopted, RosterAdopted, SealsAdopted,
};
use journal::{Entry, Kind};
use serde_json::json;

use crate::acts::search;
use crate::desk::{Act, Desk};
use crate::enrolment::{latest_roster, read_newer_pack};
use crate::failure::{Failure, No};
use crate::front;
use crate::host::Host;
use crate::store;

/// Adopts everything that arrived and was not adopted yet, in headquarters' order. A pack is switched to whole or not at
/// all; one that cannot be opened leaves the old one active.
pub fn adopt(desk: &mut Desk, host: &dyn Host) -> Result<(), No> {
    for (hq_idx, entry) in fresh(desk, Kind::HqLeaseGranted)? {
        let Ok(lease) = entry.body_as::<HqLeaseGranted>() else {
            continue;
        };
        if lease.writer != desk.identity.writer.as_str() {
            continue;
        }
        let body = LeaseAdopted {
            v: 1,
            hq_idx,
            series: lease.series,
            year: lease.year,
            pattern: lease.pattern,
            from: lease.from,
            to: lease.to,
        };
        commit(desk, host, Kind::LeaseAdopted, &body)?;
    }
    for (hq_idx, entry) in fresh(desk, Kind::HqSealsGranted)? {
        let Ok(granted) = entry.body_as::<HqSealsGranted>() else {
            continue;
        };
        if granted.writer == desk.identity.writer.as_str() {
            adopt_seals(desk, host, hq_idx, granted)?;
        }
    }
    for (hq_idx, entry) in fresh(desk, Kind::HqRosterPublished)? {
        let Ok(roster) = entry.body_as::<HqRosterPublished>() else {
            continue;
        };
        store::set_meta(&desk.db, "agency", &roster.agency.to_string())?;
        desk.agency = roster.agency;
        commit(
            desk,
            host,
            Kind::RosterAdopted,
            &RosterAdopted {
                v: 1,
                hq_idx,
                version: roster.version,
            },
        )?;
    }
    let packs: Vec<(u64, HqPackPublished)> = fresh(desk, Kind::HqPackPublished)?
        .into_iter()
        .filter_map(|(hq_idx, entry)| Some((hq_idx, entry.body_as().ok()?)))
        .collect();
    // Enrolment opened the desk with the pack of the day already; what was published before it is past.
    let active = desk.pack.sha256();
    let of_enrolment = packs.iter().position(|(_, pack)| pack.sha256 == active);
    for (hq_idx, published) in packs.into_iter().skip(of_enrolment.unwrap_or(0)) {
        if store::objects::get(&desk.db, &published.sha256)?.is_none() {
            store::uplink::want_object(&desk.db, &published.sha256)?;
            continue;
        }
        let taken = match desk.pack.sha256() == published.sha256 {
            true => Ok(desk.pack.clone()),
            false => read_newer_pack(desk, &published.sha256),
        };
        match taken {
            Ok(pack) => {
                store::set_meta(&desk.db, "pack_sha256", &published.sha256)?;
                desk.pack = pack;
                let body = PackAdopted {
                    v: 1,
                    hq_idx,
                    version: published.version,
                    sha256: published.sha256,
                };
                commit(desk, host, Kind::PackAdopted, &body)?;
            }
            Err(failure) => refuse_pack(desk, host, hq_idx, &published, &failure)?,
        }
    }
    // Searching makes the index itself where it has to; without it the pack is still the law.
    if let Err(failure) = search::keep_index(desk) {
        tracing::error!(
            error = &failure as &dyn std::error::Error,
            "the law could not be indexed"
        );
    }
    Ok(())
}

/// Impressions are there once their lot has arrived; sheets lie with the officers already.
fn adopt_seals(
    desk: &mut Desk,
    host: &dyn Host,
    hq_idx: u64,
    granted: HqSealsGranted,
) -> Result<(), No> {
    let lot_sha256 = granted.lot.map(|lot| lot.sha256);
    if let Some(lot) = &lot_sha256
        && store::objects::get(&desk.db, lot)?.is_none()
    {
        store::uplink::want_object(&desk.db, lot)?;
        return Ok(());
    }
    let body = SealsAdopted {
        v: 1,
        hq_idx,
        what: granted.what,
        prefix: granted.prefix,
        digits: granted.digits,
        from: granted.from,
        to: granted.to,
        lot_sha256,
    };
    commit(desk, host, Kind::SealsAdopted, &body)
}

/// The old pack stays active; why the new one was refused is recorded once.
fn refuse_pack(
    desk: &mut Desk,
    host: &dyn Host,
    hq_idx: u64,
    published: &HqPackPublished,
    failure: &Failure,
) -> Result<(), No> {
    let refused = hq_idx.to_string();
    if store::meta(&desk.db, "pack_refused")?.as_deref() == Some(&refused) {
        return Ok(());
    }
    tracing::error!(
        error = failure as &dyn std::error::Error,
        "a published pack was refused"
    );
    let body = ActRefused {
        v: 1,
        command: "adopt_pack".to_owned(),
        code: "pack_refused".to_owned(),
        args: json!({ "version": published.version, "reason": failure.to_string() }),
    };
    commit(desk, host, Kind::ActRefused, &body)?;
    store::set_meta(&desk.db, "pack_refused", &refused)?;
    Ok(())
}

fn commit<B: serde::Serialize>(
    desk: &mut Desk,
    host: &dyn Host,
    kind: Kind,
    body: &B,
) -> Result<(), No> {
    let act = Act {
        kind,
        case_id: None,
        event_at: host.now(),
        body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(())).map(|_| ())
}

fn fresh(desk: &Desk, kind: Kind) -> Result<Vec<(u64, Entry)>, Failure> {
    let mut entries = Vec::new();
    for (hq_idx, frame) in store::uplink::down_of_kind(&desk.db, kind.as_str())? {
        if !store::numbers::is_adopted(&desk.db, hq_idx)?
            && let Ok(entry) = Entry::parse(&frame)
        {
            entries.push((hq_idx, entry));
        }
    }
    Ok(entries)
}

/// Puts the portraits of the roster where the sign-in screen finds them.
pub fn write_portraits(desk: &Desk, data_dir: &Path) -> Result<(), Failure> {
    let Some(roster) = latest_roster(desk)? else {
        return Ok(());
    };
    for sha256 in roster
        .officers
        .iter()
        .filter_map(|officer| officer.photo_sha256.as_ref())
    {
        let path = front::portrait_path(data_dir, sha256);
        if path.exists() {
            continue;
        }
        if let Some((_, bytes)) = store::objects::get(&desk.db, sha256)? {
            crate::vault::files::write_bytes(&path, &bytes)?;
        }
    }
    Ok(())
}
