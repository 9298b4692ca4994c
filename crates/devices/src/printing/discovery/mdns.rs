//! Announcements by multicast DNS: IPP printers, and printers that take raw data on port 9100.

use std::time::{Duration, Instant};

use mdns_sd::{IfKind, ResolvedService, ServiceDaemon, ServiceEvent};

use super::{Found, Network, language_in};
use crate::printing::{Address, Language, Port};

const IPP: &str = "_ipp._tcp.local.";
const RAW: &str = "_pdl-datastream._tcp.local.";
/// Nobody scrolls further; a network that announces more is not to fill memory.
const MOST: usize = 64;
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) fn announced(network: Network, within: Duration) -> Result<Vec<Found>, String> {
    let daemon = ServiceDaemon::new().map_err(|error| error.to_string())?;
    let found = listen(&daemon, network, within);
    // It ends by itself; a browse that goes on for a moment harms nobody.
    daemon.shutdown().ok();
    found.map_err(|error| error.to_string())
}

fn listen(
    daemon: &ServiceDaemon,
    network: Network,
    within: Duration,
) -> Result<Vec<Found>, mdns_sd::Error> {
    if network == Network::Loopback {
        daemon.disable_interface(IfKind::All)?;
        daemon.enable_interface(IfKind::LoopbackV4)?;
    }
    let services = [daemon.browse(IPP)?, daemon.browse(RAW)?];
    let until = Instant::now() + within;
    let mut found: Vec<Found> = Vec::new();
    while Instant::now() < until && found.len() < MOST {
        for service in &services {
            if let Ok(ServiceEvent::ServiceResolved(resolved)) = service.recv_timeout(LOOK_EVERY)
                && let Some(printer) = printer(&resolved)
                && !found.contains(&printer)
            {
                found.push(printer);
            }
        }
    }
    Ok(found)
}

/// The address as a number: a name that ends in `.local` is not known to every system.
fn printer(service: &ResolvedService) -> Option<Found> {
    let mut hosts: Vec<_> = service
        .addresses
        .iter()
        .map(|address| address.to_ip_addr())
        .collect();
    hosts.sort();
    let host = hosts.into_iter().find(|host| host.is_ipv4())?;
    let says = |name: &str| {
        service
            .txt_properties
            .get_property_val_str(name)
            .filter(|value| !value.is_empty())
    };
    let instance = service
        .fullname
        .strip_suffix(&format!(".{}", service.ty_domain))
        .unwrap_or(&service.fullname);
    let at = format!("{host}:{}", service.port);
    let address = if service.ty_domain == IPP {
        let path = says("rp").unwrap_or("ipp/print").trim_start_matches('/');
        Address::Ipp(format!("ipp://{at}/{path}"))
    } else {
        let words = ["pdl", "ty", "product"].map(|name| says(name).unwrap_or_default());
        Address::Slip {
            language: language_in(&words.join(" ")).unwrap_or(Language::EscPos),
            port: Port::parse(&at)?,
        }
    };
    Some(Found {
        name: instance.replace('\\', ""),
        address,
        model: says("ty").map(str::to_owned),
    })
}
