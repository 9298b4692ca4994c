//! Capture through GStreamer 1.22 or later. Its types stay in here.

mod encoders;
mod inputs;
mod pipeline;
mod running;
mod still;

use std::sync::OnceLock;

use gst::prelude::*;

pub(super) use inputs::available;
pub(super) use running::{Running, start};
pub(super) use still::still;

use crate::DeviceFailure;

fn make_ready() -> Result<(), DeviceFailure> {
    static READY: OnceLock<Result<(), String>> = OnceLock::new();
    let ready = READY.get_or_init(|| {
        gst::init().map_err(|error| error.to_string())?;
        gstfmp4::plugin_register_static().map_err(|error| error.to_string())
    });
    ready
        .clone()
        .map_err(|detail| DeviceFailure::MissingComponent { component: detail })
}

fn make(name: &str) -> Result<gst::Element, DeviceFailure> {
    let missing = || DeviceFailure::MissingComponent {
        component: name.to_owned(),
    };
    gst::ElementFactory::make(name)
        .build()
        .map_err(|_| missing())
}

fn filter(caps: &gst::Caps) -> Result<gst::Element, DeviceFailure> {
    let filter = make("capsfilter")?;
    filter.set_property("caps", caps);
    Ok(filter)
}

fn broken(detail: impl ToString) -> DeviceFailure {
    DeviceFailure::StartRecording {
        detail: detail.to_string(),
    }
}

/// Puts the elements into the pipeline and joins them in order.
fn chain(pipeline: &gst::Pipeline, elements: &[&gst::Element]) -> Result<(), DeviceFailure> {
    pipeline.add_many(elements).map_err(broken)?;
    gst::Element::link_many(elements).map_err(broken)
}
