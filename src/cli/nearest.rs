//! Which of several names a mistyped one was meant to be.
//!
//! The likeness is that of AWS CLI, which takes Python's `difflib`: twice the number of
//! characters in common runs, over the length of both words.

/// At most three names that are alike by at least 0.8, the likest first.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word: Vec<char> = word.chars().collect();
    let mut alike: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (likeness(&name.chars().collect::<Vec<_>>(), &word), name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .collect();
    alike.sort_by(|(one, one_name), (other, other_name)| {
        other.total_cmp(one).then(other_name.cmp(one_name))
    });
    alike.into_iter().take(3).map(|(_, name)| name).collect()
}

fn likeness(one: &[char], other: &[char]) -> f64 {
    let length = one.len() + other.len();
    if length == 0 {
        return 1.0;
    }
    2.0 * in_common(one, other) as f64 / length as f64
}

/// Characters in the longest common run, and in those before and behind it.
fn in_common(one: &[char], other: &[char]) -> usize {
    let (start, other_start, length) = longest_run(one, other);
    if length == 0 {
        return 0;
    }
    length
        + in_common(&one[..start], &other[..other_start])
        + in_common(&one[start + length..], &other[other_start + length..])
}

/// Start in each and length of the longest common run, the first of several.
fn longest_run(one: &[char], other: &[char]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    let mut ending_before: Vec<usize> = vec![0; other.len() + 1];
    for (i, c) in one.iter().enumerate() {
        let mut ending_here = vec![0; other.len() + 1];
        for (j, d) in other.iter().enumerate() {
            if c == d {
                let length = ending_before[j] + 1;
                ending_here[j + 1] = length;
                if length > best.2 {
                    best = (i + 1 - length, j + 1 - length, length);
                }
            }
        }
        ending_before = ending_here;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_comes_first() {
        let names = [
            "list-domains",
            "list-packages",
            "list-package-versions",
            "login",
        ];
        assert_eq!(nearest("list-domans", names), ["list-domains"]);
        assert_eq!(nearest("list-package", names), ["list-packages"]);
        assert_eq!(nearest("lost", names), Vec::<&str>::new());
        assert_eq!(nearest("", names), Vec::<&str>::new());
    }

    #[test]
    fn likeness_is_that_of_difflib() {
        let of = |one: &str, other: &str| {
            likeness(
                &one.chars().collect::<Vec<_>>(),
                &other.chars().collect::<Vec<_>>(),
            )
        };
        // difflib.SequenceMatcher(None, "abcd", "bcde").ratio() and its relatives
        assert!((of("abcd", "bcde") - 0.75).abs() < 1e-9);
        assert!((of("private", "preview") - 0.571_428_571_428).abs() < 1e-9);
        assert!((of("", "") - 1.0).abs() < 1e-9);
    }
}
