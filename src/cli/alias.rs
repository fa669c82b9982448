//! Aliases of AWS CLI, `~/.aws/cli/alias` (AWS CLI user guide, "Creating and using aliases"): the
//! section `[command codeartifact]` names command lines of this service, and of `[toplevel]` those
//! count that begin with `codeartifact`. A value behind `!` is a line for the shell.
//!
//! An alias comes before a command of its name, and may then call that command.

use std::collections::HashMap;
use std::path::Path;

use super::argv::{self, Flag, Takes};
use crate::config::env::Env;
use crate::error::{Error, Result};

/// The section of this service.
const OWN: &str = "command codeartifact";

/// A file of aliases is small, in bytes; what is larger is none.
const LARGEST: u64 = 1 << 20;

/// What a command line is once its aliases are gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expanded {
    /// Arguments.
    Words(Vec<String>),
    /// A line for the shell.
    Shell(String),
}

/// Aliases by section and name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Aliases(HashMap<String, HashMap<String, String>>);

/// Replaces aliases. `command_at` finds the command among arguments.
pub(super) fn expand(
    env: &Env,
    flags: &[Flag],
    words: Vec<String>,
    command_at: impl Fn(&[String]) -> Option<usize>,
) -> Result<Expanded> {
    let Some(home) = env.home() else {
        return Ok(Expanded::Words(words));
    };
    match Aliases::load(&home.join(".aws/cli/alias"))? {
        Some(aliases) => aliases.expand(flags, words, command_at),
        None => Ok(Expanded::Words(words)),
    }
}

impl Aliases {
    fn load(path: &Path) -> Result<Option<Aliases>> {
        let refused = || Error::other(format!("Unable to parse config file: {}", path.display()));
        // Nearly nobody has this file, and nearly every call looks for it.
        let Ok(metadata) = std::fs::metadata(path) else {
            return Ok(None);
        };
        if metadata.len() > LARGEST {
            return Err(refused());
        }
        let text = std::fs::read_to_string(path).map_err(|error| refused().caused_by(error))?;
        Aliases::parse(&text).map(Some).ok_or_else(refused)
    }

    /// Reads the file as Python's `configparser` does: names of keys in lower case, values over
    /// several lines where these are indented further, comments on lines of their own.
    fn parse(text: &str) -> Option<Aliases> {
        let mut sections: HashMap<String, HashMap<String, String>> = HashMap::new();
        let mut section: Option<String> = None;
        // The key whose value may go on, and how far it is indented.
        let mut key: Option<(String, usize)> = None;
        for line in text.lines() {
            let content = line.trim();
            if content.starts_with(['#', ';']) {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            if let (Some(section), Some((key, own))) = (&section, &key)
                && (indent > *own || content.is_empty())
            {
                let value = sections.get_mut(section)?.get_mut(key)?;
                value.push('\n');
                value.push_str(content);
                continue;
            }
            if content.is_empty() {
                continue;
            }
            if let Some(name) = content
                .strip_prefix('[')
                .and_then(|rest| rest.rsplit_once(']'))
                .map(|(name, _)| name)
            {
                // `[command  codeartifact]` is the same section.
                let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
                sections.entry(name.clone()).or_default();
                section = Some(name);
                key = None;
                continue;
            }
            let (name, value) = content.split_once(['=', ':'])?;
            let name = name.trim().to_lowercase();
            let values = sections.get_mut(section.as_ref()?)?;
            if values
                .insert(name.clone(), value.trim().to_string())
                .is_some()
            {
                return None;
            }
            key = Some((name, indent));
        }
        for value in sections.values_mut().flat_map(HashMap::values_mut) {
            *value = value.trim().to_string();
        }
        Some(Aliases(sections))
    }

    fn get(&self, section: &str, name: &str) -> Option<&str> {
        self.0.get(section)?.get(name).map(String::as_str)
    }

    /// The value of an alias of this service, without the service's own name in front.
    fn find(&self, name: &str) -> Result<Option<Found<'_>>> {
        if let Some(value) = self.get(OWN, name) {
            return Ok(Some(match value.strip_prefix('!') {
                Some(line) => Found::Shell(line),
                None => Found::Words(split(name, value)?),
            }));
        }
        let Some(value) = self.get("toplevel", name) else {
            return Ok(None);
        };
        if super::is_command(name) || value.starts_with('!') {
            return Ok(None);
        }
        let mut words = split(name, value)?;
        let Some(at) = words.iter().position(|word| word == "codeartifact") else {
            return Ok(None);
        };
        words.remove(at);
        Ok(Some(Found::Words(words)))
    }

    fn expand(
        &self,
        flags: &[Flag],
        mut words: Vec<String>,
        command_at: impl Fn(&[String]) -> Option<usize>,
    ) -> Result<Expanded> {
        let mut seen: Vec<String> = Vec::new();
        while let Some(at) = command_at(&words) {
            let name = words[at].clone();
            // A command that an alias of its name calls is the command itself.
            if seen.contains(&name) {
                if super::is_command(&name) {
                    break;
                }
                return Err(Error::other(format!("The alias `{name}` calls itself")));
            }
            match self.find(&name)? {
                None => break,
                Some(Found::Shell(line)) => return Ok(Expanded::Shell(shell(line, &words, at))),
                Some(Found::Words(value)) => {
                    let (globals, value) = globals(flags, &name, &value)?;
                    words.splice(at..=at, value);
                    // What an alias says for every command counts more than the command line.
                    let end = words.iter().position(|word| word == "--");
                    let end = end.unwrap_or(words.len());
                    words.splice(end..end, globals);
                }
            }
            seen.push(name);
        }
        Ok(Expanded::Words(words))
    }
}

enum Found<'a> {
    Words(Vec<String>),
    Shell(&'a str),
}

fn split(name: &str, value: &str) -> Result<Vec<String>> {
    shlex::split(value).ok_or_else(|| {
        Error::other(format!(
            "Value of alias \"{name}\" could not be parsed. Received error: No closing quotation \
             when parsing:\n{value}"
        ))
    })
}

/// The shell's line with the arguments behind the alias, quoted; those in front are global
/// flags and meant for this program.
fn shell(line: &str, words: &[String], at: usize) -> String {
    let mut line = line.to_string();
    for word in &words[at + 1..] {
        line.push(' ');
        // Only a NUL cannot be quoted, and no argument has one.
        line.push_str(&shlex::try_quote(word).unwrap_or_default());
    }
    line
}

/// Splits global flags from the rest of an alias's value.
fn globals(flags: &[Flag], name: &str, value: &[String]) -> Result<(Vec<String>, Vec<String>)> {
    let parsed = argv::parse(flags, 0, value).map_err(Error::parameter)?;
    for refused in ["debug", "profile"] {
        if parsed.flags.contains_key(refused) {
            return Err(Error::other(format!(
                "Global parameter \"--{refused}\" detected in alias \"{name}\" which is not \
                 supported in subcommand aliases."
            )));
        }
    }
    let globals = parsed.flags.iter().map(|(flag, values)| {
        let takes = flags.iter().find(|known| known.name == *flag);
        match takes.map(|known| &known.takes) {
            Some(Takes::Nothing) | None => format!("--{flag}"),
            Some(_) => format!("--{flag}={}", values.join(" ")),
        }
    });
    Ok((globals.collect(), parsed.rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{command_at, tree};

    const FILE: &str = "
# names of my own
[toplevel]
whoami = sts get-caller-identity
mine = codeartifact list-packages --domain d
tool = !echo toplevel

[command  codeartifact]
packages = list-packages --domain d --output text
list-domains = list-domains --max-items 3
Shout = !f() {
    # not for the shell
    echo \"$1\"
  }; f
me = packages --repository r
loop = loop
secret = list-domains --profile p
quote = list-domains 'x
";

    fn expanded(line: &[&str]) -> Result<Expanded> {
        let flags = tree::global_flags();
        let words = line.iter().map(|word| (*word).to_string()).collect();
        let aliases = Aliases::parse(FILE).unwrap();
        aliases.expand(&flags, words, |words| command_at(&flags, words))
    }

    fn words(line: &[&str]) -> Vec<String> {
        match expanded(line) {
            Ok(Expanded::Words(words)) => words,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_alias_stands_for_its_words() {
        assert_eq!(
            words(&["--region", "r", "packages", "--format", "npm"]),
            [
                "--region",
                "r",
                "list-packages",
                "--domain",
                "d",
                "--format",
                "npm",
                "--output=text"
            ]
        );
        assert_eq!(
            words(&["mine", "--max-items", "1"]),
            ["list-packages", "--domain", "d", "--max-items", "1"]
        );
        assert_eq!(
            words(&["list-domains"]),
            ["list-domains", "--max-items", "3"]
        );
        assert_eq!(
            words(&["me"]),
            [
                "list-packages",
                "--domain",
                "d",
                "--repository",
                "r",
                "--output=text"
            ]
        );
    }

    #[test]
    fn what_is_no_alias_stays() {
        for line in [
            &["whoami"][..],
            &["tool"],
            &["describe-domain"],
            &["--version"],
            &[],
        ] {
            assert_eq!(words(line), line);
        }
    }

    #[test]
    fn a_line_for_the_shell_gets_the_arguments_quoted() {
        let line = match expanded(&["--debug", "shout", "it's", "--x"]) {
            Ok(Expanded::Shell(line)) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(line, "f() {\necho \"$1\"\n}; f \"it's\" --x");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (name, words) in [
            ("loop", "calls itself"),
            (
                "secret",
                "Global parameter \"--profile\" detected in alias \"secret\"",
            ),
            ("quote", "No closing quotation"),
        ] {
            let error = expanded(&[name]).unwrap_err();
            assert!(error.message.contains(words), "{}", error.message);
            assert_eq!(error.kind.exit_code(), 255);
        }
        for text in [
            "key = before any section\n",
            "[toplevel]\nno value\n",
            "[a]\nb = 1\nb = 2\n",
        ] {
            assert_eq!(Aliases::parse(text), None, "{text}");
        }
    }
}
