//! What crosses crates: journeys, faults, end to end, benchmarks.
