//! What the environment says to the tests. The only place that asks it.

use std::path::PathBuf;

#[expect(clippy::disallowed_methods, reason = "the one place of the harness that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    variable(name).map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name}=`{text}` is not a number this test can use"))
    })
}

/// `XSWARM_KILLS`: how often the crash test kills the hub.
pub fn kills() -> u32 {
    number("XSWARM_KILLS", 200)
}

/// `XSWARM_RULES`: how many recurrence rules are compared with those of python-dateutil.
pub fn rules() -> usize {
    number("XSWARM_RULES", 10_000)
}

/// `XSWARM_EXAMPLES`: how many requests are made up for each operation of the hub's document; few enough for every day
/// unless said otherwise.
pub fn examples() -> u32 {
    number("XSWARM_EXAMPLES", 6)
}

/// `XSWARM_REMINDERS`: how many reminders are due in the same second.
pub fn reminders() -> usize {
    number("XSWARM_REMINDERS", 500)
}

/// `XSWARM_CALLS`: how many calls are held by callers of whom most go wrong.
pub fn calls() -> usize {
    number("XSWARM_CALLS", 200)
}

/// `XSWARM_SEED`: repeats the random choices of an earlier run, which printed it.
pub fn seed() -> u64 {
    number("XSWARM_SEED", fastrand::u64(..))
}

/// `XSWARM_BINARIES`: a directory with the binaries to test, such as an installed package's; otherwise they are built.
pub fn binaries() -> Option<PathBuf> {
    variable("XSWARM_BINARIES").map(PathBuf::from)
}

/// The cargo that runs the tests, else the one that built them.
pub fn cargo() -> PathBuf {
    variable("CARGO").unwrap_or_else(|| env!("CARGO").to_owned()).into()
}

/// The search path, for programs that the harness starts.
pub fn path() -> String {
    variable("PATH").unwrap_or_else(|| "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned())
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in the repository").to_owned()
}
