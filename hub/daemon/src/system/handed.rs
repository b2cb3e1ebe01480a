//! Sockets that systemd opened before the hub was there (sd_listen_fds(3)): whoever connects while the hub starts again waits
//! in them, and is not refused.
//!
//! They stay open as long as the process lives, whatever is done with what is handed out of them.

use std::{
    collections::HashMap,
    net::TcpListener,
    os::{
        fd::{AsFd, FromRawFd, OwnedFd},
        unix::net::UnixListener,
    },
};

use rustix::net::{AddressFamily, sockopt};

use crate::error::{Error, Result};

/// Which of the hub's listeners a socket is for; `FileDescriptorName=` of its unit says so by [`Door::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Door {
    Public,
    Lan,
    Secure,
    Voice,
    Supervisor,
    Admin,
}

impl Door {
    const ALL: [Self; 6] = [Self::Public, Self::Lan, Self::Secure, Self::Voice, Self::Supervisor, Self::Admin];

    fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Lan => "lan",
            Self::Secure => "secure",
            Self::Voice => "voice",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

/// Those that were handed over.
#[derive(Debug, Default)]
pub(crate) struct HandedSockets(HashMap<Door, OwnedFd>);

impl HandedSockets {
    /// Takes what systemd handed to this process. Call it once, before there are other threads: it takes the word of it out of
    /// the environment.
    pub(crate) fn take() -> Result<Self> {
        let wrong = |error| Error::invalid("what systemd says of its sockets makes no sense").with_source(error);
        let handed = sd_notify::listen_fds_with_names(true).map_err(wrong)?;
        Self::named(handed.map(|(fd, name)| (own(fd), name)))
    }

    fn named(handed: impl Iterator<Item = (OwnedFd, String)>) -> Result<Self> {
        let mut sockets = HashMap::new();
        for (socket, name) in handed {
            let door = Door::ALL.into_iter().find(|door| door.name() == name).ok_or_else(|| {
                let known = Door::ALL.map(Door::name).join(", ");
                Error::invalid(format!(
                    "systemd hands over a socket called \"{name}\", which is none of the hub's: FileDescriptorName= in \
                     [Socket] of its unit is one of {known}"
                ))
            })?;
            if sockets.insert(door, socket).is_some() {
                return Err(Error::invalid(format!(
                    "systemd hands over two sockets called \"{name}\", and the hub takes one: give its unit one address"
                )));
            }
        }
        Ok(Self(sockets))
    }

    /// The TCP socket for a listener, if there is one.
    pub(crate) fn tcp(&self, door: Door) -> Result<Option<TcpListener>> {
        self.socket(door, &[AddressFamily::INET, AddressFamily::INET6]).map(|socket| socket.map(TcpListener::from))
    }

    /// The Unix socket for a listener, if there is one.
    pub(crate) fn unix(&self, door: Door) -> Result<Option<UnixListener>> {
        self.socket(door, &[AddressFamily::UNIX]).map(|socket| socket.map(UnixListener::from))
    }

    fn socket(&self, door: Door, families: &[AddressFamily]) -> Result<Option<OwnedFd>> {
        let Some(socket) = self.0.get(&door) else { return Ok(None) };
        let listens = sockopt::socket_acceptconn(socket.as_fd()).unwrap_or_default();
        let fits = sockopt::socket_domain(socket.as_fd()).is_ok_and(|family| families.contains(&family));
        if !(listens && fits) {
            return Err(Error::invalid(format!(
                "the socket \"{}\" that systemd hands over is not of the kind that the hub needs: ListenStream= with an \
                 address for all but admin, which has a path",
                door.name()
            )));
        }
        let unable = |error| Error::unavailable("a socket of systemd cannot be used").with_source(error);
        socket.try_clone().map(Some).map_err(unable)
    }
}

#[expect(unsafe_code, reason = "file descriptors that came with the process belong to nobody yet")]
fn own(fd: std::os::fd::RawFd) -> OwnedFd {
    // SAFETY: systemd says that this descriptor is open and ours, and `listen_fds_with_names` names each once.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp() -> OwnedFd {
        TcpListener::bind("127.0.0.1:0").unwrap().into()
    }

    fn handed(sockets: Vec<(OwnedFd, &str)>) -> Result<HandedSockets> {
        HandedSockets::named(sockets.into_iter().map(|(socket, name)| (socket, name.to_owned())))
    }

    #[test]
    fn each_is_for_its_listener_and_can_be_had_again() {
        let directory = tempfile::tempdir().unwrap();
        let admin = UnixListener::bind(directory.path().join("admin.sock")).unwrap();
        let handed = handed(vec![(tcp(), "public"), (admin.into(), "admin")]).unwrap();
        let (first, second) = (handed.tcp(Door::Public).unwrap().unwrap(), handed.tcp(Door::Public).unwrap().unwrap());
        assert_eq!(first.local_addr().unwrap(), second.local_addr().unwrap());
        assert!(handed.unix(Door::Admin).unwrap().is_some());
        assert!(handed.tcp(Door::Lan).unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_meant_is_said() {
        for (sockets, complaint) in [
            (vec![(tcp(), "xswarm-hub.socket")], "none of the hub's"),
            (vec![(tcp(), "lan"), (tcp(), "lan")], "two sockets called \"lan\""),
        ] {
            assert!(handed(sockets).unwrap_err().context.contains(complaint), "{complaint}");
        }
        let crossed = handed(vec![(tcp(), "admin")]).unwrap();
        assert!(crossed.unix(Door::Admin).unwrap_err().context.contains("\"admin\""));
        let connected = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let deaf = handed(vec![(connected.into(), "voice")]).unwrap();
        assert!(deaf.tcp(Door::Voice).unwrap_err().context.contains("\"voice\""));
    }
}
