//! Signed, hash-chained entries, keys and sealing, and the stand-alone verifier.
