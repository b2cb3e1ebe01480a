//! That the signatures of the tests are the provider's: our own few lines agree with the official library.

use xswarm_tests::signature::{Form, official, own};

fn form(fields: &[(&str, &str)]) -> Form {
    fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn our_own_signature_is_the_official_one() {
    let forms = [
        form(&[]),
        form(&[("Body", "hi"), ("From", "+14155550123"), ("AccountSid", "AC1")]),
        form(&[("b", "2"), ("a", "1"), ("B", "3"), ("A", "4"), ("aa", ""), ("", "empty name")]),
        form(&[("Body", "Grüße 😀\nzweite Zeile & mehr = 100 %"), ("To", "+1 415")]),
        form(&[("a", "2"), ("a", "1"), ("a", "2")]),
    ];
    for form in &forms {
        for url in ["https://boss.example.com/sms/inbound", "https://boss.example.com/sms/status?m=1&x=%20y"] {
            for token in ["12345", "", "with ünicode"] {
                assert_eq!(own(url, form, token), official(url, form, token), "{url} {form:?} {token}");
            }
        }
    }
}

#[test]
fn the_example_of_the_documentation() {
    let form = form(&[
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]);
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    assert_eq!(official(url, &form, "12345"), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
}
