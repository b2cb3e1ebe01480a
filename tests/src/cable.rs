//! A cable from this machine to another: a network namespace of its own at the far end, in which programs run that reach this
//! machine by the cable alone. It can be cut and mended, and this machine can get another address.
//!
//! The far end shares everything else with this machine: files, processes, sockets of files. Needs root.

use std::{
    ffi::OsStr,
    net::Ipv4Addr,
    process::{self, Command, Stdio},
    sync::atomic::{AtomicU8, Ordering},
};

/// Cables of this process so far.
static LAID: AtomicU8 = AtomicU8::new(0);

/// A cable.
#[derive(Debug)]
pub struct Cable {
    namespace: String,
    network: [u8; 3],
}

impl Cable {
    /// Lays one.
    pub fn lay() -> Self {
        let (id, number) = (process::id(), LAID.fetch_add(1, Ordering::Relaxed));
        let [_, _, high, low] = id.to_be_bytes();
        // Private (RFC 1918), and other than that of any other test of this moment.
        let network = [10, high | 0x80, low.wrapping_add(number)];
        let cable = Self { namespace: format!("xswarm-{id}-{number}"), network };
        let (near, far) = (cable.near(), "far");
        ip(&format!("netns add {}", cable.namespace));
        ip(&format!("link add {near} type veth peer name {far} netns {}", cable.namespace));
        ip(&format!("address add {}/24 dev {near}", cable.address()));
        ip(&format!("link set {near} up"));
        for what in [
            "link set lo up".to_owned(),
            format!("address add {}/24 dev {far}", cable.numbered(2)),
            format!("link set {far} up"),
            format!("route add default dev {far}"),
        ] {
            ip(&format!("-n {} {what}", cable.namespace));
        }
        cable
    }

    /// Where the far end finds this machine.
    pub fn address(&self) -> Ipv4Addr {
        self.numbered(1)
    }

    /// A program at the far end, with the surroundings that `prepared` makes for one.
    pub fn command(&self, prepared: impl FnOnce(&str) -> Command, program: impl AsRef<OsStr>) -> Command {
        let mut command = prepared("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program);
        command
    }

    /// It is pulled out.
    pub fn cut(&self) {
        ip(&format!("link set {} down", self.near()));
    }

    /// It is plugged in again.
    pub fn mend(&self) {
        ip(&format!("link set {} up", self.near()));
    }

    /// This machine gets another address, as by a router that forgot it.
    pub fn readdress(&self) {
        let (near, other) = (self.near(), self.numbered(7));
        // In this order: with the first address of a network the kernel takes away those that came later.
        ip(&format!("address delete {}/24 dev {near}", self.address()));
        ip(&format!("address add {other}/24 dev {near}"));
    }

    fn near(&self) -> String {
        // Names of devices end after 15 letters.
        let [_, high, low] = self.network;
        format!("xs{high:02x}{low:02x}")
    }

    fn numbered(&self, number: u8) -> Ipv4Addr {
        let [a, b, c] = self.network;
        Ipv4Addr::new(a, b, c, number)
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // With the namespace its end of the cable goes, and with that the other.
        let words = ["netns", "delete", &self.namespace];
        let _gone = Command::new("ip").args(words).stdin(Stdio::null()).status();
    }
}

fn ip(words: &str) {
    let ran = Command::new("ip").args(words.split(' ')).stdin(Stdio::null()).output();
    let ran = ran.unwrap_or_else(|error| panic!("ip: {error}; run `make test-deps`"));
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "ip {words}: {said}(a cable is laid by root, where network namespaces are allowed)");
}
