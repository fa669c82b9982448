//! twine.
//!
//! The file is `.pypirc` in the home folder. AWS's client writes one section, always named
//! `codeartifact`, re-emits the whole file and refuses one without `[distutils]`; here the
//! name can be chosen, the rest stays as it is, and what is missing is added.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::text::ini::{self, Ini};

/// twine.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "twine",
    shown_as: "twine",
    format: "pypi",
    namespace: NamespaceRule::None,
    flags: &[Flag::Name],
    files: &[ConfigFile {
        owner: "pypirc",
        locate,
        rewrite,
        remove,
        effective,
        secrets: ini::secrets,
        holds_token: true,
    }],
    remark: no_remark,
};

const SERVERS: &str = "index-servers";

fn locate(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    Ok(Some(place.home()?.join(".pypirc")))
}

fn rewrite(login: &Login, old: &str) -> Result<String, Malformed> {
    let name = login.name();
    let mut text = old.to_string();
    let ini = Ini::parse(old)?;
    if ini.get("distutils", SERVERS).is_none() {
        // Without a list twine knows these two, with one only those that are listed.
        for server in ["pypi", "testpypi"] {
            if server == "pypi" || ini.sections().any(|section| section == server) {
                text = list(&text, server)?;
            }
        }
    }
    text = list(&text, name)?;
    text = ini::set(&text, name, "repository", login.endpoint.as_str())?;
    text = ini::set(&text, name, "username", "aws")?;
    ini::set(&text, name, "password", login.token.expose())
}

/// Puts a server on the list unless it is there.
fn list(text: &str, server: &str) -> Result<String, Malformed> {
    let ini = Ini::parse(text)?;
    if ini.get("distutils", SERVERS).is_none() {
        let text = ini::set(text, "distutils", SERVERS, "")?;
        return first_of_list(&text, server);
    }
    let words = ini.words("distutils", SERVERS);
    match words.iter().any(|(word, _)| *word == server) {
        true => Ok(text.to_string()),
        false => ini::append_word(text, "distutils", SERVERS, server),
    }
}

/// A list begins on a line of its own, as twine's documentation shows it.
fn first_of_list(text: &str, server: &str) -> Result<String, Malformed> {
    let ending = super::text::lines::line_ending(text);
    let empty = format!("{SERVERS} = {ending}");
    match text.rfind(&empty) {
        Some(at) => {
            let end = at + empty.len();
            let filled = format!("{SERVERS} ={ending}    {server}{ending}");
            Ok(super::text::lines::splice(text, at..end, &filled))
        }
        None => ini::append_word(text, "distutils", SERVERS, server),
    }
}

fn remove(written: &Written, old: &str) -> Result<String, Malformed> {
    let ini = Ini::parse(old)?;
    let name = written.name;
    let ours = ini
        .get(name, "repository")
        .is_some_and(|url| written.endpoint.contains(&url))
        && ini
            .get(name, "password")
            .is_some_and(|password| (written.is_our_token)(&password));
    if !ours {
        return Ok(old.to_string());
    }
    if let Some(before) = written.before(name) {
        let text = ini::set(old, name, "repository", before)?;
        return ini::remove(&text, name, "password");
    }
    let text = ini::remove_section(old, name)?;
    let ini = Ini::parse(&text)?;
    let words = ini.words("distutils", SERVERS);
    match words.into_iter().find(|(word, _)| *word == name) {
        Some((_, range)) => Ok(ini::remove_word(&text, range)),
        None => Ok(text),
    }
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let ini = Ini::parse(text)?;
    let listed: Vec<&str> = ini
        .words("distutils", SERVERS)
        .into_iter()
        .map(|(word, _)| word)
        .collect();
    Ok(ini
        .sections()
        .filter(|section| listed.contains(section))
        .filter_map(|section| Some(Pointer::new(section, &ini.get(section, "repository")?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn a_new_file_lists_both_servers() {
        let login = testing::login("pypi");
        assert_eq!(
            rewrite(&login, "").expect("is fine"),
            format!(
                "[distutils]\nindex-servers =\n    pypi\n    codeartifact\n\n[codeartifact]\nrepository = {}\nusername = aws\npassword = {}\n",
                login.endpoint,
                testing::TOKEN
            )
        );
    }

    #[test]
    fn a_file_of_awss_client_is_brought_up_to_date() {
        let login = testing::login("pypi");
        let old = format!(
            "[distutils]\nindex-servers = \n\tpypi\n\tcodeartifact\n\n[codeartifact]\nrepository = {}\nusername = aws\npassword = old\n\n",
            login.endpoint
        );
        let new = rewrite(&login, &old).expect("is fine");
        assert_eq!(
            new,
            old.replace("password = old", &format!("password = {}", testing::TOKEN))
        );
    }

    #[test]
    fn several_names_keep_apart() {
        let mut login = testing::login("pypi");
        let first = rewrite(&login, "[pypi]\nusername = me\n").expect("is fine");
        login.options.name = Some("second".to_string());
        let both = rewrite(&login, &first).expect("is fine");
        let names: Vec<_> = effective(&both)
            .expect("is fine")
            .into_iter()
            .map(|pointer| pointer.setting)
            .collect();
        assert_eq!(names, ["codeartifact", "second"]);
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &login, &[], &both),
            first + "\n"
        );
    }

    #[test]
    fn removal_leaves_a_changed_password() {
        let login = testing::login("pypi");
        let text = rewrite(&login, "")
            .expect("is fine")
            .replace(testing::TOKEN, "mine");
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &login, &[], &text),
            text
        );
    }
}
