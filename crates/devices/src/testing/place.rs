use std::{
    io::{Error, Result},
    net::{Ipv4Addr, SocketAddr},
};

use socket2::{Domain, Socket, Type};

/// A port on loopback where nobody listens until somebody asks for this very port.
///
/// While this lives the system gives the port to no other program that takes any free one, neither to listen nor to
/// call from; so it can be closed, opened and closed again.
#[derive(Debug)]
pub struct Place {
    address: SocketAddr,
    _kept: Socket,
}

impl Place {
    /// # Errors
    /// When loopback gives no free port.
    pub fn keep() -> Result<Self> {
        let kept = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        // Whoever listens here shares the port with this socket, which never listens.
        kept.set_reuse_address(true)?;
        kept.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = kept.local_addr()?.as_socket();
        Ok(Self {
            address: address.ok_or_else(|| Error::other("no address"))?,
            _kept: kept,
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
