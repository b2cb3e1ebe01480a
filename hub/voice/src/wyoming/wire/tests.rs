//! Events as the official library writes them, and bytes that are none.

use proptest::{collection::vec, prelude::*};

use super::*;

fn event(kind: &str, data: &Value, payload: &[u8]) -> Event {
    Event { kind: kind.to_owned(), data: data.as_object().unwrap().clone(), payload: payload.to_vec() }
}

fn decode(bytes: &[u8]) -> Result<Vec<Event>, WireError> {
    let mut decoder = Decoder::default();
    decoder.room().extend_from_slice(bytes);
    std::iter::from_fn(|| decoder.next().transpose()).collect()
}

#[test]
fn what_the_official_library_writes_is_understood() {
    // As written by Python's `wyoming` 1.10.2.
    let bytes = b"{\"type\": \"transcript\", \"version\": \"1.10.2\", \"data_length\": 17}\n{\"text\": \"hello\"}\
        {\"type\": \"audio-chunk\", \"version\": \"1.10.2\", \"data_length\": 61, \"payload_length\": 4}\n\
        {\"rate\": 16000, \"width\": 2, \"channels\": 1, \"timestamp\": null}\x01\n\x03\n\
        {\"type\":\"synthesize\",\"data\":{\"text\":\"hi\"}}\n{\"type\":\"describe\",\"data\":null,\"data_length\":null}\n";
    let sound = json!({ "rate": 16_000, "width": 2, "channels": 1, "timestamp": null });
    let expected = [
        event("transcript", &json!({ "text": "hello" }), b""),
        event("audio-chunk", &sound, b"\x01\n\x03\n"),
        event("synthesize", &json!({ "text": "hi" }), b""),
        event("describe", &json!({}), b""),
    ];
    assert_eq!(decode(bytes).unwrap(), expected);
}

#[test]
fn data_after_the_line_wins_over_data_in_it() {
    let bytes = b"{\"type\":\"x\",\"data\":{\"a\":1,\"b\":1},\"data_length\":7}\n{\"b\":2}";
    assert_eq!(decode(bytes).unwrap(), [event("x", &json!({ "a": 1, "b": 2 }), b"")]);
}

#[test]
fn what_is_no_event_is_refused() {
    let no_header = |bytes: &[u8]| matches!(decode(bytes), Err(WireError::BadHeader(_)));
    assert!(no_header(b"HTTP/1.1 400 Bad Request\r\n"));
    assert!(no_header(b"\n"));
    assert!(no_header(b"{\"data\":{}}\n"));
    assert!(no_header(b"{\"type\":7}\n"));
    assert!(no_header(b"{\"type\":\"x\",\"data\":[]}\n"));
    assert!(no_header(b"{\"type\":\"x\",\"data_length\":-1}\n"));
    assert!(no_header(b"{\"type\":\"x\",\"payload_length\":1e30}\n"));
    assert!(no_header(b"\xff\xfe\n"));
    assert!(matches!(decode(b"{\"type\":\"x\",\"data_length\":2}\n[]"), Err(WireError::BadData(_))));
    assert!(matches!(decode(b"{\"type\":\"x\",\"data_length\":2}\nno"), Err(WireError::BadData(_))));
}

#[test]
fn lengths_that_are_claimed_are_bounded_before_anything_is_kept() {
    assert_eq!(decode(b"{\"type\":\"x\",\"data_length\":1048577}\n"), Err(WireError::DataTooLong(1_048_577)));
    assert_eq!(decode(b"{\"type\":\"x\",\"payload_length\":4194305}\n"), Err(WireError::PayloadTooLong(4_194_305)));
    let most = format!("{{\"type\":\"x\",\"payload_length\":{}}}\n", u64::MAX);
    assert_eq!(decode(most.as_bytes()), Err(WireError::PayloadTooLong(u64::MAX)));
    assert_eq!(decode(&vec![b' '; LINE_MOST]), Ok(vec![]));
    assert_eq!(decode(&vec![b' '; LINE_MOST + 1]), Err(WireError::LineTooLong));
}

#[test]
fn nested_without_end_is_refused() {
    let deep = format!("{{\"type\":\"x\",\"data\":{{\"a\":{}", "[".repeat(60_000));
    assert!(matches!(decode(format!("{deep}\n").as_bytes()), Err(WireError::BadHeader(_))));
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let data = vec(("[a-z]{1,8}", "\\PC{0,20}"), 0..4).prop_map(|pairs| {
        pairs.into_iter().map(|(key, text)| (key, Value::from(text))).collect::<Map<String, Value>>()
    });
    let one = ("\\PC{1,12}", data, vec(any::<u8>(), 0..300));
    vec(one.prop_map(|(kind, data, payload)| Event { kind, data, payload }), 0..6)
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_however_it_is_cut(events in events(), cuts in vec(1_usize..50, 1..20)) {
        let mut bytes = Vec::new();
        for event in &events {
            encode(&event.kind, &event.data, &event.payload, &mut bytes);
        }
        let mut decoder = Decoder::default();
        let mut read = Vec::new();
        let mut rest = bytes.as_slice();
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let (now, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            decoder.room().extend_from_slice(now);
            rest = later;
            while let Some(event) = decoder.next().unwrap() {
                read.push(event);
            }
        }
        prop_assert_eq!(read, events);
        prop_assert_eq!(decoder.bytes.len(), 0);
    }

    #[test]
    fn garbage_never_ends_in_more_than_an_error(bytes in vec(any::<u8>(), 0..2_000)) {
        // Not that it is refused, but that it neither panics nor asks for more than it was given.
        let read = decode(&bytes).unwrap_or_default();
        let payloads: usize = read.iter().map(|event| event.payload.len()).sum();
        prop_assert!(payloads <= bytes.len());
    }
}
