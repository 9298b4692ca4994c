//! Real printers on loopback, for the tests of the whole workspace.
