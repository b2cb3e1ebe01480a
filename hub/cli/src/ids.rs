//! Ids as people handle them: shown short, accepted by any unique beginning.
//!
//! Ids begin with the millisecond of their making, so a beginning of that length tells all but simultaneous ones apart.

/// How much of an id shows its millisecond: twelve hexadecimal digits and a hyphen.
const MILLISECOND: usize = 13;

/// What came of looking for something by a beginning of its id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// Exactly one.
    One(T),
    /// None.
    None,
    /// Several: what they are called.
    Several(Vec<String>),
}

/// As much of each id as tells it from the others; the same length for all.
pub fn shortened(ids: &[String]) -> Vec<String> {
    let cut = |id: &String, length: usize| id.get(..length).unwrap_or(id).trim_end_matches('-').to_owned();
    let longest = ids.iter().map(String::len).max().unwrap_or(0);
    let distinct = |length: &usize| {
        let mut short: Vec<_> = ids.iter().map(|id| cut(id, *length)).collect();
        short.sort_unstable();
        short.dedup();
        short.len() == ids.len()
    };
    let length = (MILLISECOND..=longest).find(distinct).unwrap_or(longest);
    ids.iter().map(|id| cut(id, length)).collect()
}

/// The one thing whose id or name is `wanted`, or else begins with it. Case does not matter.
///
/// `names` gives what a thing may be called, its id first. Something called exactly `wanted` wins over beginnings.
pub fn find<T: Clone>(wanted: &str, things: &[T], names: impl Fn(&T) -> Vec<String>) -> Found<T> {
    match all(wanted, things, &names).as_slice() {
        [] => Found::None,
        [one] => Found::One(one.clone()),
        several => Found::Several(
            several
                .iter()
                .filter_map(|thing| names(thing).into_iter().reduce(|id, name| format!("{name} ({id})")))
                .collect(),
        ),
    }
}

/// All things that [`find`] would have to choose from.
pub fn all<T: Clone>(wanted: &str, things: &[T], names: impl Fn(&T) -> Vec<String>) -> Vec<T> {
    let wanted = wanted.trim().to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let matching = |accept: &dyn Fn(&str) -> bool| -> Vec<T> {
        let called = |thing: &&T| names(thing).iter().any(|name| accept(&name.to_lowercase()));
        things.iter().filter(called).cloned().collect()
    };
    let exact = matching(&|name| name == wanted);
    if exact.is_empty() { matching(&|name| name.starts_with(&wanted)) } else { exact }
}

/// Several things in words, the first few by name.
pub fn choices(several: &[String]) -> String {
    const NAMED: usize = 3;
    let mut words: Vec<String> = several.iter().take(NAMED).cloned().collect();
    if several.len() > NAMED {
        words.push(format!("{} others", several.len() - NAMED));
    }
    words.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<String> {
        ["019ab000-0001-7000-8000-000000000001", "019ab000-0002-7000-8000-000000000002"].map(str::to_owned).to_vec()
    }

    #[test]
    fn ids_are_cut_to_their_millisecond_unless_that_is_shared() {
        assert_eq!(shortened(&ids()), ["019ab000-0001", "019ab000-0002"]);
        let same = ["019ab000-0001-7000-8000-00000000000a", "019ab000-0001-7100-8000-00000000000b"].map(str::to_owned);
        assert_eq!(shortened(&same), ["019ab000-0001-70", "019ab000-0001-71"]);
        assert_eq!(shortened(&[]), Vec::<String>::new());
        assert_eq!(shortened(&["short".to_owned()]), ["short"]);
    }

    #[test]
    fn a_unique_beginning_is_enough() {
        let names = |id: &String| vec![id.clone()];
        assert_eq!(find("019ab000-0001", &ids(), names), Found::One(ids()[0].clone()));
        assert_eq!(find("019AB000-0002-7", &ids(), names), Found::One(ids()[1].clone()));
        assert_eq!(find("7", &ids(), names), Found::None);
        assert_eq!(find("", &ids(), names), Found::None);
        assert_eq!(find("019ab", &ids(), names), Found::Several(ids()));
    }

    #[test]
    fn an_exact_name_wins_over_longer_ones() {
        let people = [("1", "Ann"), ("2", "Anna"), ("3", "Änne")];
        let names = |person: &(&str, &str)| vec![person.0.to_owned(), person.1.to_owned()];
        assert_eq!(find("ann", &people, names), Found::One(people[0]));
        assert_eq!(find("anna", &people, names), Found::One(people[1]));
        assert_eq!(find("ä", &people, names), Found::One(people[2]));
        assert_eq!(find("an", &people, names), Found::Several(vec!["Ann (1)".into(), "Anna (2)".into()]));
        assert_eq!(find("bob", &people, names), Found::None);
    }

    #[test]
    fn many_choices_are_counted() {
        let several: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(choices(&several[..2]), "a or b");
        assert_eq!(choices(&several), "a or b or c or 2 others");
    }
}
