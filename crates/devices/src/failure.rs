use thiserror::Error;

/// What broke at the edge of the machine. The variant names the operation; what to do next is the screen's to say.
#[derive(Debug, Error)]
pub enum DeviceFailure {
    /// The device is not there or was unplugged; `wanted` is what was asked for.
    #[error("no camera: {wanted}")]
    NoCamera { wanted: String },
    #[error("no microphone: {wanted}")]
    NoMicrophone { wanted: String },
    #[error("the device is used by another program: {wanted}")]
    DeviceBusy { wanted: String },
    #[error("neither picture nor sound was asked for")]
    NothingToRecord,
    /// A media component of the operating system is missing, for example `openh264enc`.
    #[error("a media component is missing on this system: {component}")]
    MissingComponent { component: String },
    #[error("could not start the recording: {detail}")]
    StartRecording { detail: String },
    #[error("could not take the photo: {detail}")]
    TakePhoto { detail: String },
    #[error("this is not a photo that can be kept: {reason}")]
    InspectPhoto { reason: String },
    #[error("the printer's address is not usable: {address}")]
    PrinterAddress { address: String },
    #[error("could not reach the printer: {detail}")]
    ReachPrinter { detail: String },
    #[error("the printer did not answer the question for its state: {detail}")]
    AskPrinter { detail: String },
    #[error("not available on this system: {what}")]
    NotAvailable { what: &'static str },
}
