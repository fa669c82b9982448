//! HTML, put together so that no text can be taken for markup.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A piece of HTML whose texts are escaped.
pub(super) struct Piece(String);

/// A page on its way.
pub(super) struct Html {
    title: String,
    body: String,
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1b1b;background:#fff}\
a{color:#0b57a4}table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;overflow-wrap:anywhere;padding:.35rem .75rem;border-bottom:1px solid #d7d7d7}\
svg{max-width:100%;height:auto}svg text{font:14px system-ui,sans-serif}.node{fill:#eef4fb;stroke:#0b57a4}.outside{fill:#f7f2e7;stroke:#8a6d1f}.edge{stroke:#767676;fill:none}.head{fill:#767676}\
@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}a{color:#8ab8ec}th,td{border-color:#3a3a3a}.node{fill:#1c2a3a;stroke:#8ab8ec}.outside{fill:#2d2718;stroke:#d9bd6c}svg text{fill:#e8e8e8}}";

/// The style sheet's hash, by which a content security policy lets it through.
pub(super) fn style_source() -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE)))
}

/// A text as a piece.
pub(super) fn text(text: &str) -> Piece {
    Piece(escape(text))
}

/// A link with that text.
pub(super) fn link(to: &str, text: &str) -> Piece {
    Piece(format!("<a href=\"{}\">{}</a>", escape(to), escape(text)))
}

/// Pieces, one after the other.
pub(super) fn joined(pieces: &[Piece], separator: &str) -> Piece {
    let pieces: Vec<_> = pieces.iter().map(|Piece(piece)| piece.as_str()).collect();
    Piece(pieces.join(&escape(separator)))
}

/// A paragraph of these pieces.
pub(super) fn paragraph(pieces: &[Piece]) -> Piece {
    Piece(format!("<p>{}</p>", joined(pieces, " ").0))
}

/// A list with these items; nothing without any.
pub(super) fn list(items: &[Piece]) -> Piece {
    if items.is_empty() {
        return Piece(String::new());
    }
    let items: String = items
        .iter()
        .map(|Piece(item)| format!("<li>{item}</li>"))
        .collect();
    Piece(format!("<ul>{items}</ul>"))
}

/// A time in milliseconds since 1970, for people.
pub(super) fn time(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default()
}

/// The text with the characters that mean something in HTML written otherwise.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

impl Html {
    pub(super) fn new(title: &str) -> Html {
        Html {
            title: escape(title),
            body: String::new(),
        }
    }

    /// The way to here.
    pub(super) fn crumbs(&mut self, links: &[(String, String)]) {
        let links: Vec<_> = links.iter().map(|(to, text)| link(to, text).0).collect();
        self.body.push_str(&format!(
            "<nav aria-label=\"Breadcrumb\">{}</nav>",
            links.join(" / ")
        ));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.body.push_str(&format!("<p>{}</p>", escape(text)));
    }

    /// The title of what follows.
    pub(super) fn heading(&mut self, text: &str) {
        self.body.push_str(&format!("<h2>{}</h2>", escape(text)));
    }

    /// A piece by itself.
    pub(super) fn piece(&mut self, Piece(piece): &Piece) {
        self.body.push_str(piece);
    }

    /// Markup that was made here.
    pub(super) fn raw(&mut self, markup: &str) {
        self.body.push_str(markup);
    }

    pub(super) fn table(&mut self, heads: &[&str], rows: &[Vec<Piece>]) {
        if rows.is_empty() {
            return self.paragraph("There is nothing here yet.");
        }
        self.body.push_str("<table><thead><tr>");
        for head in heads {
            self.body
                .push_str(&format!("<th scope=\"col\">{}</th>", escape(head)));
        }
        self.body.push_str("</tr></thead><tbody>");
        for row in rows {
            self.body.push_str("<tr>");
            for Piece(cell) in row {
                self.body.push_str(&format!("<td>{cell}</td>"));
            }
            self.body.push_str("</tr>");
        }
        self.body.push_str("</tbody></table>");
    }

    /// The way to the next page.
    pub(super) fn next(&mut self, to: &str) {
        self.body
            .push_str(&format!("<p>{}</p>", link(to, "Next page").0));
    }

    pub(super) fn finish(self) -> String {
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title>\
             <style>{STYLE}</style></head><body><h1>{0}</h1><main>{1}</main></body></html>\n",
            self.title, self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_taken_for_markup() {
        let mut page = Html::new("<script>");
        page.table(&["a"], &[vec![link("/?a=\"><b>", "'&'")]]);
        let page = page.finish();
        assert!(
            !page.contains("<script>") && !page.contains("<b>"),
            "{page}"
        );
        assert!(
            page.contains("<a href=\"/?a=&quot;&gt;&lt;b&gt;\">&#39;&amp;&#39;</a>"),
            "{page}"
        );
    }

    #[test]
    fn times_are_readable() {
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
    }
}
