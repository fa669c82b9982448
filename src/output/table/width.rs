//! How many terminal columns the reference takes a text for.

use icu_properties::CodePointMapData;
use icu_properties::props::EastAsianWidth;

/// Two for each character that is wide, full-width or ambiguous (Unicode Standard Annex 11),
/// one for every other, also for those that take no place at all. That is not how a terminal
/// counts, so the `unicode-width` crate will not do, but it is where the borders are.
pub(super) fn width(text: &str) -> usize {
    let widths = CodePointMapData::<EastAsianWidth>::new();
    text.chars()
        .map(|c| match widths.get(c) {
            _ if c.is_ascii() => 1,
            EastAsianWidth::Wide | EastAsianWidth::Fullwidth | EastAsianWidth::Ambiguous => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::width;

    #[test]
    fn widths_of_the_annex() {
        for (text, expected) in [
            ("left-pad", 8),
            ("日本", 4),
            ("ｆｕｌｌ", 8),
            ("ﾊﾝｶｸ", 4),
            ("é", 2), // ambiguous
            ("e\u{301}", 3),
            ("ü¡", 4),
            ("ñ", 1),
            ("\u{1f600}", 2),
            ("\u{e000}", 2),
            ("\n\u{200b}", 2),
        ] {
            assert_eq!(width(text), expected, "{text}");
        }
    }
}
