//! Reading a system-call trace: whether what was written to the log of the database was on disk before the answer left.
//!
//! SIGKILL keeps the page cache, so killing cannot show durability. The order of system calls can: after the last write of
//! a commit to the write-ahead log, a sync of that file must have *returned* before the answer's first byte is *begun*.
//!
//! Source: strace(1) output of `strace -f -y`; a call that another thread interrupts is printed in two parts
//! (`<unfinished ...>` and `<... name resumed>`).

use std::collections::HashMap;

/// A system call in a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    name: String,
    /// What `-y` says the first argument is: a path, or a socket.
    file: String,
    /// Everything after the first argument, and the result.
    rest: String,
    /// The line on which it began.
    begun: usize,
    /// The line on which it returned; none when it never did.
    returned: Option<usize>,
}

impl Call {
    fn is_sync(&self) -> bool {
        ["fsync", "fdatasync"].contains(&self.name.as_str())
    }

    fn is_read(&self) -> bool {
        ["read", "recvfrom", "recvmsg", "readv"].contains(&self.name.as_str())
    }

    fn is_write(&self) -> bool {
        ["write", "writev", "sendto", "sendmsg", "pwrite64", "pwritev"].contains(&self.name.as_str())
    }

    fn on_log(&self) -> bool {
        self.file.ends_with("-wal")
    }

    fn succeeded(&self) -> bool {
        self.rest.rsplit_once(" = ").is_some_and(|(_, result)| !result.starts_with('-') && !result.starts_with('?'))
    }
}

fn calls(trace: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut unfinished: HashMap<&str, usize> = HashMap::new();
    for (line, text) in trace.lines().enumerate() {
        // "1234 name(5</path>, …) = 6"; strace leaves the number out while there is one thread.
        let (thread, text) = match text.split_once(' ') {
            Some((thread, rest)) if thread.bytes().all(|byte| byte.is_ascii_digit()) => (thread, rest.trim_start()),
            _ => ("", text),
        };
        if let Some(resumed) = text.strip_prefix("<... ") {
            if let Some(call) = unfinished.remove(thread).and_then(|at| calls.get_mut(at)) {
                call.rest.push_str(resumed.split_once("resumed>").map_or("", |(_, rest)| rest));
                call.returned = Some(line);
            }
            continue;
        }
        let Some((name, arguments)) = text.split_once('(') else { continue };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let file = arguments.split_once('<').and_then(|(number, rest)| {
            let end = rest.find(">,").or_else(|| rest.find(">)")).or_else(|| rest.find("> <unfinished"))?;
            number.bytes().all(|byte| byte.is_ascii_digit()).then(|| rest[..end].to_owned())
        });
        let Some(file) = file else { continue };
        let (rest, returned) = match arguments.strip_suffix("<unfinished ...>") {
            Some(rest) => {
                unfinished.insert(thread, calls.len());
                (rest, None)
            }
            None => (arguments, Some(line)),
        };
        calls.push(Call { name: name.to_owned(), file, rest: rest.to_owned(), begun: line, returned });
    }
    calls
}

/// Checks that the request whose first line begins with `request` was answered with 200 only after its commit was on disk.
///
/// The hub must have been idle before: the first writes to the log after the request are taken for its commit.
pub fn commit_precedes_answer(trace: &str, request: &str) -> Result<(), String> {
    let calls = calls(trace);
    let asked = calls.iter().find(|call| call.is_read() && call.rest.contains(request));
    let asked = asked.ok_or_else(|| format!("the trace shows nobody reading `{request}`"))?;
    let read = asked.returned.ok_or("the request was never read")?;
    let answer = calls
        .iter()
        .find(|call| {
            call.begun > read && call.is_write() && call.file == asked.file && call.rest.contains("HTTP/1.1 200")
        })
        .ok_or("the trace shows no answer with 200 on the request's connection")?;
    let first = calls
        .iter()
        .find(|call| call.begun > read && call.is_write() && call.on_log())
        .ok_or("nothing was written to the log of the database")?;
    if first.begun > answer.begun {
        return Err(format!("answered in line {}, written only in line {}", answer.begun + 1, first.begun + 1));
    }
    let sync = calls
        .iter()
        .find(|call| call.begun > first.begun && call.is_sync() && call.on_log() && call.succeeded())
        .ok_or("the log of the database was never synced after the commit was written")?;
    let late = calls.iter().find(|call| {
        (first.begun..sync.begun).contains(&call.begun)
            && call.is_write()
            && call.on_log()
            && call.returned.is_none_or(|returned| returned > sync.begun)
    });
    if let Some(write) = late {
        return Err(format!("the write of line {} had not returned when the sync began", write.begun + 1));
    }
    match sync.returned {
        Some(synced) if synced < answer.begun => Ok(()),
        Some(synced) => Err(format!("answered in line {}, synced only in line {}", answer.begun + 1, synced + 1)),
        None => Err("the sync never returned".to_owned()),
    }
}

/// Checks that whatever was written to the log of the database before `request` left on a socket was on disk by then.
///
/// Nothing else may write at that moment: the hub must have been idle but for what leads to the request.
pub fn nothing_unsynced_before(trace: &str, request: &str) -> Result<(), String> {
    let calls = calls(trace);
    let leaves = calls.iter().find(|call| call.is_write() && !call.on_log() && call.rest.contains(request));
    let leaves = leaves.ok_or_else(|| format!("the trace shows nobody writing `{request}`"))?;
    let before = |call: &&Call| call.begun < leaves.begun && call.on_log();
    let written = calls.iter().filter(before).rfind(|call| call.is_write());
    let written = written.ok_or("nothing was written to the log of the database before")?;
    let sync = calls.iter().filter(before).rfind(|call| call.is_sync() && call.succeeded());
    let sync = sync.ok_or("the log of the database was never synced before")?;
    if written.returned.is_none_or(|returned| returned > sync.begun) {
        return Err(format!("the write of line {} was not synced when the request left", written.begun + 1));
    }
    match sync.returned {
        Some(synced) if synced < leaves.begun => Ok(()),
        Some(_) | None => Err(format!("the sync of line {} had not returned when the request left", sync.begun + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = r#"11 recvfrom(9<TCP:[127.0.0.1:9996->127.0.0.1:5000]>, "POST /sms/inbound HTTP/1.1\r\n"..., 8192, 0, NULL, NULL) = 900"#;
    const WRITE: &str = r#"12 pwrite64(7</s/xswarm.db-wal>, "\0\1"..., 4120, 32) = 4120"#;
    const SYNC: &str = "12 fdatasync(7</s/xswarm.db-wal>)       = 0";
    const ANSWER: &str = r#"11 sendto(9<TCP:[127.0.0.1:9996->127.0.0.1:5000]>, "HTTP/1.1 200 OK\r\n"..., 200, MSG_NOSIGNAL, NULL, 0) = 200"#;

    fn judged(lines: &[&str]) -> Result<(), String> {
        commit_precedes_answer(&lines.join("\n"), "POST /sms/inbound")
    }

    #[test]
    fn write_sync_answer_is_the_right_order() {
        assert_eq!(judged(&[READ, WRITE, WRITE, SYNC, ANSWER]), Ok(()));
        // What belongs to the next commit does not matter.
        assert_eq!(judged(&[READ, WRITE, SYNC, WRITE, ANSWER, SYNC]), Ok(()));
    }

    #[test]
    fn an_interrupted_sync_counts_when_it_returns() {
        let begun = "12 fdatasync(7</s/xswarm.db-wal> <unfinished ...>";
        let returned = "12 <... fdatasync resumed>)             = 0";
        assert_eq!(judged(&[READ, WRITE, begun, returned, ANSWER]), Ok(()));
        assert!(judged(&[READ, WRITE, begun, ANSWER, returned]).unwrap_err().contains("synced only"));
        assert!(judged(&[READ, WRITE, begun, ANSWER]).is_err());
    }

    #[test]
    fn every_wrong_order_is_found() {
        let other_file = "12 fdatasync(8</s/xswarm.db>)           = 0";
        let failed = "12 fdatasync(7</s/xswarm.db-wal>)       = -1 EIO (Input/output error)";
        let cases: [(&[&str], &str); 8] = [
            (&[READ, WRITE, ANSWER, SYNC], "synced only"),
            (&[READ, ANSWER, WRITE, SYNC], "written only"),
            (&[READ, SYNC, WRITE, ANSWER], "never synced"),
            (&[READ, WRITE, other_file, ANSWER], "never synced"),
            (&[READ, WRITE, failed, ANSWER], "never synced"),
            (&[READ, ANSWER], "nothing was written"),
            (&[WRITE, SYNC, ANSWER], "nobody reading"),
            (&[READ, WRITE, SYNC], "no answer"),
        ];
        for (lines, complaint) in cases {
            let found = judged(lines).unwrap_err();
            assert!(found.contains(complaint), "{found}");
        }
    }

    #[test]
    fn a_write_that_is_still_running_is_not_covered_by_the_sync() {
        let begun = r#"12 pwrite64(7</s/xswarm.db-wal>, "\0"..., 4120, 32 <unfinished ...>"#;
        let returned = "12 <... pwrite64 resumed>)             = 4120";
        let sync = "13 fdatasync(7</s/xswarm.db-wal>)       = 0";
        assert!(judged(&[READ, begun, sync, returned, ANSWER]).unwrap_err().contains("had not returned"));
        assert_eq!(judged(&[READ, begun, returned, sync, ANSWER]), Ok(()));
    }

    #[test]
    fn an_answer_on_another_connection_is_not_the_answer() {
        let other = ANSWER.replace("5000", "5001").replace("9<", "10<");
        assert!(judged(&[READ, WRITE, SYNC, &other]).unwrap_err().contains("no answer"));
    }

    #[test]
    fn a_request_leaves_only_when_all_is_synced() {
        let request =
            r#"11 sendto(12<TCP:[127.0.0.1:1->127.0.0.1:2]>, "POST /2010-04-01/Accounts"..., 300, 0, NULL, 0) = 300"#;
        let judged = |lines: &[&str]| nothing_unsynced_before(&lines.join("\n"), "POST /2010-04-01/");
        let (begun, returned) =
            ("12 fdatasync(7</s/xswarm.db-wal> <unfinished ...>", "12 <... fdatasync resumed>) = 0");
        assert_eq!(judged(&[WRITE, SYNC, WRITE, SYNC, request]), Ok(()));
        assert_eq!(judged(&[WRITE, begun, returned, request, WRITE]), Ok(()));
        for wrong in
            [&[WRITE, SYNC, WRITE, request, SYNC][..], &[WRITE, request, SYNC], &[WRITE, begun, request, returned]]
        {
            assert!(judged(wrong).is_err(), "{wrong:?}");
        }
        assert!(judged(&[WRITE, SYNC]).unwrap_err().contains("nobody writing"));
        assert!(judged(&[request]).unwrap_err().contains("nothing was written"));
    }
}
