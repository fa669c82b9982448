//! Files that the command line names: `~` and variables in their names, and their content.

use std::path::PathBuf;

use super::param::Unreadable;
use crate::config::env::Env;

/// Reads a file that a parameter names.
pub(super) fn read(name: &str, env: &Env) -> Result<Vec<u8>, Unreadable> {
    let path = expand(name, env);
    std::fs::read(env.current_dir().join(&path)).map_err(|error| Unreadable { path, error })
}

/// The path that a name on the command line stands for, from the current folder.
pub(super) fn path(name: &str, env: &Env) -> PathBuf {
    env.current_dir().join(expand(name, env))
}

/// Replaces a leading `~` by the home folder, and `$NAME` and `${NAME}` by variables. What
/// is not set stays as it is.
pub(super) fn expand(name: &str, env: &Env) -> String {
    let name = match (name.strip_prefix('~'), env.home()) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{rest}", home.display())
        }
        _ => name.to_string(),
    };
    let mut expanded = String::with_capacity(name.len());
    let mut rest = name.as_str();
    while let Some((before, behind)) = rest.split_once('$') {
        expanded.push_str(before);
        let (variable, length) = match behind.strip_prefix('{').and_then(|b| b.split_once('}')) {
            Some((variable, _)) => (variable, variable.len() + 2),
            None => {
                let end = behind
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(behind.len());
                (&behind[..end], end)
            }
        };
        match env.var_or_empty(variable) {
            Some(value) if !variable.is_empty() => expanded.push_str(value),
            _ => {
                expanded.push('$');
                expanded.push_str(&behind[..length]);
            }
        }
        rest = &behind[length..];
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn home_and_variables() {
        let env = Env::made_up(
            Platform::Linux,
            "/home/ana",
            "/work",
            [("DIR", "x"), ("EMPTY", "")],
        );
        for (name, path) in [
            ("~/a", "/home/ana/a"),
            ("~", "/home/ana"),
            ("~bob/a", "~bob/a"),
            ("a/~", "a/~"),
            ("$DIR/a-${DIR}y$DIR", "x/a-xyx"),
            ("a${EMPTY}b", "ab"),
            ("$NONE/${NONE}/$", "$NONE/${NONE}/$"),
            ("${DIR", "${DIR"),
        ] {
            assert_eq!(expand(name, &env), path, "{name}");
        }
    }
}
