//! The terminal's shell: window, permissions, hosts for the command contract.
