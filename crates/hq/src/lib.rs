//! Headquarters: intake of journals and media, projections, the console and the public page.

pub mod contract;

#[cfg(test)]
mod bindings;
