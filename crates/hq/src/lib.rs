//! Headquarters: intake, projections, console and public portal.
