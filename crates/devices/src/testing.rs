//! Real printers on loopback, for the tests of the whole workspace.

mod ipp_printer;
mod tcp_printer;

pub use ipp_printer::IppPrinter;
pub use tcp_printer::TcpPrinter;
