//! What a process holds, as the kernel sees it.

use std::path::Path;

/// How many files, sockets included, it has open.
pub fn open_files(pid: i32) -> usize {
    std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")).expect("the process runs").count()
}

/// How much memory it has, in KiB.
pub fn resident_kib(pid: i32) -> u64 {
    let text = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).expect("it runs");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// How much time of a processor it has had, in milliseconds.
pub fn processor_ms(pid: i32) -> u64 {
    let text = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).expect("it runs");
    // Its name stands in brackets and may hold anything; a tick of the kernel's clock is 10 ms.
    let (_, after) = text.rsplit_once(") ").expect("a name");
    after.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks")).sum::<u64>() * 10
}
