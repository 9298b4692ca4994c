//! The terminal without a window: store, vault, use cases, projections, outbox.
