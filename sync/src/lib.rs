//! How two series meet: protocol, planning, upload, the HTTP driver.
