//! `.netrc`: machines with a login and a password, separated by any blanks
//! (curl documentation, ".netrc").

use std::ops::Range;

use super::lines::{self, splice};
use crate::login::adapter::Malformed;

/// An entry of a machine.
#[derive(Debug)]
struct Machine {
    /// Nothing for `default`.
    host: Option<String>,
    login: Option<Token>,
    password: Option<Token>,
    /// From the keyword to the end of the last token.
    span: Range<usize>,
}

#[derive(Clone, Debug)]
struct Token {
    text: String,
    range: Range<usize>,
}

/// The entries, and whether the text ends inside of a macro.
struct Netrc {
    machines: Vec<Machine>,
    open_macro: bool,
}

fn parse(text: &str) -> Result<Netrc, Malformed> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut open_macro = false;
    let mut at = lines::body_start(text);
    while let Some(keyword) = next_token(text, at)? {
        at = keyword.range.end;
        open_macro = false;
        match keyword.text.as_str() {
            "machine" | "default" => {
                let mut machine = Machine {
                    host: None,
                    login: None,
                    password: None,
                    span: keyword.range.clone(),
                };
                if keyword.text == "machine" {
                    let host = value_of(text, &keyword)?;
                    at = host.range.end;
                    machine.span.end = at;
                    machine.host = Some(host.text);
                }
                machines.push(machine);
            }
            "macdef" => {
                at = value_of(text, &keyword)?.range.end;
                match blank_line(&text[at..]) {
                    Some(length) => at += length,
                    None => {
                        at = text.len();
                        open_macro = true;
                    }
                }
            }
            "login" | "password" | "account" => {
                let value = value_of(text, &keyword)?;
                at = value.range.end;
                let Some(machine) = machines.last_mut() else {
                    let reason = format!("`{}` stands before the first machine", keyword.text);
                    return Err(Malformed::at(text, keyword.range.start, reason));
                };
                machine.span.end = at;
                match keyword.text.as_str() {
                    "login" => machine.login = Some(value),
                    "password" => machine.password = Some(value),
                    _ => {}
                }
            }
            _ => {
                let reason = "a word that means nothing here";
                return Err(Malformed::at(text, keyword.range.start, reason));
            }
        }
    }
    Ok(Netrc {
        machines,
        open_macro,
    })
}

fn value_of(text: &str, keyword: &Token) -> Result<Token, Malformed> {
    next_token(text, keyword.range.end)?.ok_or_else(|| {
        let reason = format!("nothing follows `{}`", keyword.text);
        Malformed::at(text, keyword.range.start, reason)
    })
}

/// The next word; quotes may surround one, and a comment reaches to the end of its line.
fn next_token(text: &str, from: usize) -> Result<Option<Token>, Malformed> {
    let mut at = from;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if !text[at..].starts_with('#') {
            break;
        }
        at = text[at..].find('\n').map_or(text.len(), |end| at + end);
    }
    if at == text.len() {
        return Ok(None);
    }
    if text[at..].starts_with('"') {
        return quoted(text, at).map(Some);
    }
    let end = text[at..]
        .find(char::is_whitespace)
        .map_or(text.len(), |end| at + end);
    Ok(Some(Token {
        text: text[at..end].to_string(),
        range: at..end,
    }))
}

fn quoted(text: &str, start: usize) -> Result<Token, Malformed> {
    let mut word = String::new();
    let mut characters = text[start + 1..].char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let end = start + 1 + at + 1;
                if text[end..].starts_with(|next: char| !next.is_whitespace()) {
                    return Err(Malformed::at(text, end, "no blank follows a quote"));
                }
                return Ok(Token {
                    text: word,
                    range: start..end,
                });
            }
            '\\' => word.extend(characters.next().map(|(_, character)| character)),
            _ => word.push(character),
        }
    }
    Err(Malformed::at(text, start, "a quote is not closed"))
}

/// How far it is to the blank line that ends a macro.
fn blank_line(text: &str) -> Option<usize> {
    let lines = lines::lines(text);
    // The first one is the rest of the line with the macro's name.
    lines
        .iter()
        .skip(1)
        .find(|line| line.text.is_empty())
        .map(|line| line.end)
}

/// Login and password of a machine.
pub fn get(text: &str, host: &str) -> Result<Option<(String, String)>, Malformed> {
    let netrc = parse(text)?;
    Ok(netrc
        .machines
        .iter()
        .find(|machine| machine.host.as_deref() == Some(host))
        .map(|machine| {
            let word = |token: &Option<Token>| {
                token
                    .as_ref()
                    .map(|token| token.text.clone())
                    .unwrap_or_default()
            };
            (word(&machine.login), word(&machine.password))
        }))
}

/// The hosts that have an entry.
pub fn hosts(text: &str) -> Result<Vec<String>, Malformed> {
    let machines = parse(text)?.machines;
    Ok(machines
        .into_iter()
        .filter_map(|machine| machine.host)
        .collect())
}

/// Sets login and password of a machine. The first entry of a host counts, so that is the one
/// that is changed; a new one goes before `default`, behind which nothing is ever read.
pub fn set(text: &str, host: &str, login: &str, password: &str) -> Result<String, Malformed> {
    let netrc = parse(text)?;
    let whole = |host: &str| format!("machine {host} login {login} password {password}");
    let found = netrc
        .machines
        .iter()
        .find(|machine| machine.host.as_deref() == Some(host));
    if let Some(machine) = found {
        return Ok(match (&machine.login, &machine.password) {
            (Some(old_login), Some(old_password)) => {
                let mut edits = [(old_login, login), (old_password, password)];
                edits.sort_by_key(|(token, _)| std::cmp::Reverse(token.range.start));
                edits
                    .iter()
                    .filter(|(token, new)| token.text != *new)
                    .fold(text.to_string(), |text, (token, new)| {
                        splice(&text, token.range.clone(), new)
                    })
            }
            _ => splice(text, machine.span.clone(), &whole(host)),
        });
    }
    let default = netrc.machines.iter().find(|machine| machine.host.is_none());
    if let Some(default) = default {
        let start = default.span.start;
        let line = text[..start]
            .rfind('\n')
            .map_or(lines::body_start(text), |at| at + 1);
        if text[line..start].trim().is_empty() {
            return Ok(lines::insert(text, line, &[whole(host)]));
        }
        return Ok(splice(text, start..start, &format!("{} ", whole(host))));
    }
    let mut new = vec![whole(host)];
    // A comment goes on behind a lone `\r`.
    if netrc.open_macro || text.ends_with('\r') {
        new.insert(0, String::new());
    }
    Ok(lines::insert(text, text.len(), &new))
}

/// Takes the entries of a machine out whose password passes.
pub fn remove(text: &str, host: &str, passes: impl Fn(&str) -> bool) -> Result<String, Malformed> {
    let netrc = parse(text)?;
    let mut result = text.to_string();
    for machine in netrc.machines.iter().rev() {
        let ours = machine
            .password
            .as_ref()
            .is_some_and(|token| passes(&token.text));
        if machine.host.as_deref() == Some(host) && ours {
            result.replace_range(with_line(text, machine.span.clone()), "");
        }
    }
    Ok(result)
}

/// The range and its line ending, where nothing else stands on its lines.
fn with_line(text: &str, span: Range<usize>) -> Range<usize> {
    let line = text[..span.start]
        .rfind('\n')
        .map_or(lines::body_start(text), |at| at + 1);
    let end = text[span.end..]
        .find('\n')
        .map_or(text.len(), |at| span.end + at + 1);
    let alone = text[line..span.start].trim().is_empty() && text[span.end..end].trim().is_empty();
    if alone { line..end } else { span }
}

/// Where passwords stand. A text that cannot be read is one secret.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    match parse(text) {
        Ok(netrc) => netrc
            .machines
            .into_iter()
            .filter_map(|machine| machine.password)
            .map(|token| token.range)
            .collect(),
        Err(_) => super::secrets::everything(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_machine_comes_before_the_default() {
        assert_eq!(
            set("", "h", "token", "p").expect("is fine"),
            "machine h login token password p\n"
        );
        assert_eq!(
            set("machine a login b password c", "h", "token", "p").expect("is fine"),
            "machine a login b password c\nmachine h login token password p\n"
        );
        assert_eq!(
            set("default login b password c\n", "h", "token", "p").expect("is fine"),
            "machine h login token password p\ndefault login b password c\n"
        );
    }

    #[test]
    fn an_entry_is_changed_where_it_stands() {
        let text =
            "# mine\nmachine h\n  login \"a b\"\n  password c # p\nmachine i login j password k\n";
        assert_eq!(
            set(text, "h", "token", "new").expect("is fine"),
            "# mine\nmachine h\n  login token\n  password new # p\nmachine i login j password k\n"
        );
        let swapped = "machine h password c login aws\n";
        assert_eq!(
            set(swapped, "h", "token", "new").expect("is fine"),
            "machine h password new login token\n"
        );
    }

    #[test]
    fn macros_are_passed_over() {
        let text = "machine h login a password b\nmacdef init\nmachine x\ncd /\n\nmachine i login j password k\n";
        assert_eq!(hosts(text).expect("is fine"), ["h", "i"]);
        assert_eq!(
            set("macdef init\ncd /\n", "h", "l", "p").expect("is fine"),
            "macdef init\ncd /\n\nmachine h login l password p\n"
        );
    }

    #[test]
    fn a_comment_or_a_macro_with_a_lone_carriage_return_takes_nothing_in() {
        for text in ["# mine\r", "macdef init\r", "macdef init\ncd /\r"] {
            let set = set(text, "h", "l", "p").expect("is fine");
            assert_eq!(hosts(&set).expect("is fine"), ["h"], "{set:?}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "machine",
            "login x",
            "machine h login \"a",
            "machine h login \"a\"password b",
            "hello",
            "machine h hello",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(secrets("hello").first(), Some(&(0..5)));
    }

    #[test]
    fn removal_asks_for_the_password() {
        let text = "machine h login a password b\nmachine h login c password d\n";
        assert_eq!(
            remove(text, "h", |password| password == "b").expect("is fine"),
            "machine h login c password d\n"
        );
        let text = "machine h login a password b machine i login c password d\n";
        assert_eq!(
            remove(text, "h", |password| password == "b").expect("is fine"),
            " machine i login c password d\n"
        );
    }
}
