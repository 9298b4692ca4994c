//! Looking for printers: announcements on loopback, a print server that answers over IPP, and folders as the system
//! shows what is plugged in.

use std::{fs, path::Path, time::Duration};

use devices::{
    printing::{Address, Found, Language, Network, Places, Port, discover},
    testing::Place,
};
use ipp::prelude::{
    DelimiterTag, IppAttribute, IppAttributeGroup, IppRequestResponse, IppValue, IppVersion,
    StatusCode,
};
use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};

use crate::support::answering;

const NOWHERE: Places = Places {
    cups: None,
    network: None,
    root: None,
};

fn slip(language: Language, at: &str) -> Address {
    Address::Slip {
        language,
        port: Port::parse(at).unwrap(),
    }
}

/// Two runs at once share the loopback, and would share names and addresses.
fn own(name: &str) -> String {
    format!("{name} {}", std::process::id())
}

#[test]
fn printers_that_announce_themselves_are_found() {
    let (office_name, labels_name) = (own("二楼打印机"), own("标签机"));
    let host = format!("printer-{}.local.", std::process::id());
    let port = 10_000 + (std::process::id() % 20_000) as u16;
    let daemon = ServiceDaemon::new().unwrap();
    daemon.disable_interface(IfKind::All).unwrap();
    daemon.enable_interface(IfKind::LoopbackV4).unwrap();
    let announce = |service: &str, name: &str, port: u16, says: &[(&str, &str)]| {
        let info = ServiceInfo::new(service, name, &host, "127.0.0.1", port, says).unwrap();
        daemon.register(info).unwrap();
    };
    let office = [
        ("rp", "ipp/print"),
        ("ty", "Office Laser"),
        ("pdl", "image/urf"),
    ];
    announce("_ipp._tcp.local.", &office_name, port, &office);
    let labels = [("ty", "Label Maker"), ("pdl", "application/vnd.tspl")];
    announce(
        "_pdl-datastream._tcp.local.",
        &labels_name,
        port + 1,
        &labels,
    );
    let places = Places {
        network: Some(Network::Loopback),
        ..NOWHERE
    };
    // An announcement may be missed once; one that is never heard fails.
    let mut found = Vec::new();
    for _ in 0..5 {
        found = discover(&places, Duration::from_secs(2));
        if found.len() >= 2 {
            break;
        }
    }
    let expected = [
        Found {
            name: office_name,
            address: Address::Ipp(format!("ipp://127.0.0.1:{port}/ipp/print")),
            model: Some("Office Laser".into()),
        },
        Found {
            name: labels_name,
            address: slip(Language::Tspl, &format!("127.0.0.1:{}", port + 1)),
            model: Some("Label Maker".into()),
        },
    ];
    for printer in expected {
        assert!(found.contains(&printer), "{printer:?} in {found:?}");
    }
}

fn keyword(text: &str) -> IppValue {
    IppValue::TextWithoutLanguage(text.try_into().unwrap())
}

/// The answer of a print server with these queues: name, info, model.
fn queues(queues: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut answer =
        IppRequestResponse::new_response(IppVersion::v1_1(), StatusCode::SuccessfulOk, 1).unwrap();
    for (name, info, model) in queues {
        let mut group = IppAttributeGroup::new(DelimiterTag::PrinterAttributes);
        for (key, value) in [
            ("printer-name", name),
            ("printer-info", info),
            ("printer-make-and-model", model),
        ] {
            let attribute = IppAttribute::with_name(key, keyword(value)).unwrap();
            group.attributes_mut().push(attribute);
        }
        answer.attributes_mut().groups_mut().push(group);
    }
    answer.to_bytes().to_vec()
}

fn print_server(body: Vec<u8>) -> String {
    answering(1, "application/ipp", body)
}

#[test]
fn the_queues_of_the_print_server_are_found() {
    let at = print_server(queues(&[
        ("office", "办公室激光机", "Example Laser 1"),
        ("car 2", "", "Example Portable"),
    ]));
    let places = Places {
        cups: Some(format!("ipp://{at}/")),
        ..NOWHERE
    };
    let expected = [
        Found {
            name: "办公室激光机".into(),
            address: Address::Ipp(format!("ipp://{at}/printers/office")),
            model: Some("Example Laser 1".into()),
        },
        Found {
            name: "car 2".into(),
            address: Address::Ipp(format!("ipp://{at}/printers/car%202")),
            model: Some("Example Portable".into()),
        },
    ];
    assert_eq!(discover(&places, Duration::from_secs(10)), expected);
}

#[test]
fn a_print_server_that_is_not_there_or_talks_nonsense_has_no_queues() {
    let closed = Place::keep().unwrap();
    for at in [
        closed.address().to_string(),
        print_server(b"no answer at all".to_vec()),
        print_server(Vec::new()),
        "\0".to_owned(),
    ] {
        let places = Places {
            cups: Some(format!("ipp://{at}/")),
            ..NOWHERE
        };
        assert_eq!(discover(&places, Duration::from_secs(5)), []);
    }
}

fn touch(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn what_is_plugged_in_is_found_with_the_name_it_tells() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in [
        "usb/lp0",
        "usb/lp1",
        "rfcomm0",
        "ttyUSB3",
        "ttyS0",
        "sda",
        "usb/hiddev0",
    ] {
        touch(root, &format!("dev/{name}"), "");
    }
    let told = "MFG:HPRT;CMD:CPCL,ESC/POS;MDL:MT800;CLS:PRINTER;";
    touch(root, "sys/class/usbmisc/lp1/device/ieee1284_id", told);
    let places = Places {
        root: Some(root.to_path_buf()),
        ..NOWHERE
    };
    let found = discover(&places, Duration::from_secs(1));
    let expected = [
        ("lp0", None, slip(Language::EscPos, "/dev/usb/lp0")),
        (
            "HPRT MT800",
            Some("HPRT MT800"),
            slip(Language::Cpcl, "/dev/usb/lp1"),
        ),
        ("rfcomm0", None, slip(Language::EscPos, "/dev/rfcomm0")),
        ("ttyUSB3", None, slip(Language::EscPos, "/dev/ttyUSB3")),
    ]
    .map(|(name, model, address)| Found {
        name: name.into(),
        address,
        model: model.map(Into::into),
    });
    assert_eq!(found, expected);
}
