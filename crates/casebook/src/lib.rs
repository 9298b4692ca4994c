//! The terminal without a window: store, evidence vault, use cases, projections, outbox.

pub mod contract;
