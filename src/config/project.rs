//! `codeartifact.toml`: what the people of a project share about their logins.
//!
//! The file comes with the project, so somebody else may have written it. It is small or it is
//! refused, every value in it is checked, and it cannot say where the service is: a token would
//! go there. What it decides is told by the command that uses it. Reading is apart from
//! [`Project::parse`], which is pure.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, Table, Value};

use super::env::Env;
use crate::error::{Error, Result};

/// The name of the file.
pub const FILE_NAME: &str = "codeartifact.toml";

/// No project has more to say, in bytes.
const LARGEST: u64 = 64 << 10;

/// No project sets up more, in tables and in tools of each.
const MOST: usize = 100;

/// The word that stands for the tools which the project's files name.
pub const AUTO: &str = "auto";

/// What a project says about its logins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// The file.
    pub path: PathBuf,
    /// The Region of the domain.
    pub region: Option<String>,
    /// The profile of the AWS configuration that usually has the permission.
    pub profile: Option<String>,
    /// How long tokens are valid, in seconds.
    pub duration_seconds: Option<i64>,
    /// The kind of endpoint.
    pub endpoint_type: Option<String>,
    /// What stands outside of all tables.
    pub shared: Entry,
    /// The `[[login]]` tables; domain, owner and repository come from outside where a table
    /// has none of its own.
    pub further: Vec<Entry>,
}

/// One login, as far as the file tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The domain.
    pub domain: Option<String>,
    /// The account that owns the domain.
    pub owner: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The npm or Swift scope.
    pub namespace: Option<String>,
    /// The tools, or [`AUTO`].
    pub tools: Vec<String>,
    /// What the repository is called in files that name their sources.
    pub name: Option<String>,
    /// The flags that are set, as `project` for `--project`.
    pub flags: Vec<&'static str>,
}

/// The flags of `login` that the file may set.
const FLAGS: &[&str] = &["project", "extra", "mirror", "replace-crates-io", "push"];

/// The settings of a `[[login]]` table, which may stand outside as well.
const OF_A_LOGIN: &[&str] = &[
    "domain",
    "owner",
    "repository",
    "namespace",
    "tools",
    "name",
];

/// The settings that may only stand outside of tables.
const OF_ALL: &[&str] = &[
    "region",
    "profile",
    "duration-seconds",
    "endpoint-type",
    "login",
];

impl Project {
    /// The file of the current folder, or of the nearest folder above that has one. `tools` are
    /// the names that the file may use.
    pub fn find(env: &Env, tools: &[&str]) -> Result<Option<Project>> {
        for folder in env.current_dir().ancestors() {
            let path = folder.join(FILE_NAME);
            if is_shared(folder) || !path.try_exists().unwrap_or(false) {
                continue;
            }
            let text = read(&path)?;
            return Project::parse(&path, &text, tools).map(Some);
        }
        Ok(None)
    }

    /// Reads the text of a file. An error names the file, the line, and what is expected there.
    pub fn parse(path: &Path, text: &str, tools: &[&str]) -> Result<Project> {
        let source = Source { path, text, tools };
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let offset = text.len() - body.len();
        let document = Document::parse(body).map_err(|error| {
            let line = error.span().map(|span| source.line(offset + span.start));
            source.wrong(line, error.message().trim().replace('\n', ", "))
        })?;
        let mut project = Project {
            path: path.to_path_buf(),
            ..Project::default()
        };
        let reader = Reader { source, offset };
        reader.outside(document.as_table(), &mut project)?;
        Ok(project)
    }
}

/// Whether anybody may put files into a folder, as into `/tmp`: a file there is nobody's word.
#[cfg(unix)]
fn is_shared(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const ANYBODY_AND_STICKY: u32 = 0o1002;
    fs::metadata(folder)
        .is_ok_and(|found| found.permissions().mode() & ANYBODY_AND_STICKY == ANYBODY_AND_STICKY)
}

#[cfg(not(unix))]
fn is_shared(_: &Path) -> bool {
    false
}

fn read(path: &Path) -> Result<String> {
    let refuse = |reason: String| {
        Error::configuration(format!("`{}` cannot be used: {reason}", path.display()))
    };
    // What is no regular file may never end.
    let metadata = fs::metadata(path).map_err(|error| refuse(error.to_string()))?;
    if !metadata.is_file() {
        return Err(refuse("it is no regular file".to_string()));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(refuse("it is larger than 64 KiB".to_string()));
    }
    String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8".to_string()))
}

/// The text, for errors that tell a place in it.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
    tools: &'a [&'a str],
}

impl Source<'_> {
    fn line(&self, byte: usize) -> usize {
        let before = &self.text.as_bytes()[..byte.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    fn wrong(&self, line: Option<usize>, reason: impl std::fmt::Display) -> Error {
        let path = self.path.display();
        Error::configuration(match line {
            Some(line) => format!("`{path}`, line {line}: {reason}"),
            None => format!("`{path}`: {reason}"),
        })
    }
}

/// Reads tables and checks values.
struct Reader<'a> {
    source: Source<'a>,
    offset: usize,
}

/// A setting where it stands.
struct Setting<'a> {
    key: &'a str,
    item: &'a Item,
    line: Option<usize>,
}

impl Reader<'_> {
    fn settings<'t>(&self, table: &'t Table) -> Vec<Setting<'t>> {
        let line = |table: &Table, key: &str, item: &Item| {
            let span = table.key(key).and_then(toml_edit::Key::span);
            let start = span.or_else(|| item.span())?.start;
            Some(self.source.line(self.offset + start))
        };
        table
            .iter()
            .map(|(key, item)| Setting {
                key,
                item,
                line: line(table, key, item),
            })
            .collect()
    }

    fn outside(&self, table: &Table, project: &mut Project) -> Result<()> {
        let mut tables: Vec<&Table> = Vec::new();
        for setting in self.settings(table) {
            match setting.key {
                "region" => project.region = Some(self.region(&setting)?),
                "profile" => project.profile = Some(self.profile(&setting)?),
                "duration-seconds" => project.duration_seconds = Some(self.duration(&setting)?),
                "endpoint-type" => project.endpoint_type = Some(self.endpoint_type(&setting)?),
                "login" => tables = self.tables(&setting)?,
                _ if self.of_a_login(&setting, &mut project.shared)? => {}
                _ => return Err(self.unknown(&setting, &[OF_A_LOGIN, OF_ALL, FLAGS])),
            }
        }
        for table in tables {
            let mut entry = Entry::default();
            for setting in self.settings(table) {
                if !self.of_a_login(&setting, &mut entry)? {
                    return Err(self.unknown(&setting, &[OF_A_LOGIN, FLAGS]));
                }
            }
            if entry.tools.is_empty() {
                let start = table.span().map(|span| span.start + self.offset);
                let line = start.map(|start| self.source.line(start));
                let reason = "this `[[login]]` needs `tools`, such as `tools = [\"npm\"]`";
                return Err(self.source.wrong(line, reason));
            }
            entry.inherit(&project.shared);
            project.further.push(entry);
        }
        Ok(())
    }

    fn of_a_login(&self, setting: &Setting, entry: &mut Entry) -> Result<bool> {
        match setting.key {
            "domain" => entry.domain = Some(self.domain(setting)?),
            "owner" => entry.owner = Some(self.owner(setting)?),
            "repository" => entry.repository = Some(self.repository(setting)?),
            "namespace" => entry.namespace = Some(self.namespace(setting)?),
            "tools" => entry.tools = self.tools(setting)?,
            "name" => entry.name = Some(self.name(setting)?),
            key => {
                let Some(flag) = FLAGS.iter().find(|flag| **flag == key) else {
                    return Ok(false);
                };
                match setting.item.as_bool() {
                    Some(true) => entry.flags.push(flag),
                    Some(false) => {}
                    None => return Err(self.expected(setting, "`true` or `false`")),
                }
            }
        }
        Ok(true)
    }

    fn expected(&self, setting: &Setting, what: &str) -> Error {
        let found = match setting.item.as_str() {
            Some(text) => format!("\"{}\"", shortened(text)),
            None => format!("of type {}", setting.item.type_name()),
        };
        let reason = format!("`{}` has to be {what}; it is {found}", setting.key);
        self.source.wrong(setting.line, reason)
    }

    fn unknown(&self, setting: &Setting, known: &[&[&str]]) -> Error {
        let key = shortened(setting.key);
        let known: Vec<String> = known
            .iter()
            .flat_map(|keys| keys.iter().map(|key| format!("`{key}`")))
            .collect();
        let reason = format!("`{key}` is no setting; there are {}", known.join(", "));
        let error = self.source.wrong(setting.line, reason);
        match key.contains("endpoint") {
            true => error.hint(
                "a project cannot say where the service is, since the token would go there; \
                 `--endpoint-url` and `AWS_ENDPOINT_URL_CODEARTIFACT` can",
            ),
            false => error,
        }
    }

    /// A text that a rule allows.
    fn text(&self, setting: &Setting, what: &str, is_right: fn(&str) -> bool) -> Result<String> {
        match setting.item.as_str() {
            Some(text) if is_right(text) => Ok(text.to_string()),
            _ => Err(self.expected(setting, what)),
        }
    }

    /// The rules for these names are those of the API's model.
    fn domain(&self, setting: &Setting) -> Result<String> {
        let what = "2 to 50 lower-case letters, digits and hyphens, a letter first";
        self.text(setting, what, |text| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            (2..=50).contains(&text.len())
                && text.starts_with(|c: char| c.is_ascii_lowercase())
                && !text.ends_with('-')
                && text.chars().all(inner)
        })
    }

    fn owner(&self, setting: &Setting) -> Result<String> {
        let what = "the 12 digits of an account, in quotes";
        self.text(setting, what, |text| {
            text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
        })
    }

    fn repository(&self, setting: &Setting) -> Result<String> {
        let what = "2 to 100 letters, digits, `.`, `_` and `-`, a letter or digit first";
        self.text(setting, what, |text| {
            (2..=100).contains(&text.len()) && is_name(text)
        })
    }

    fn name(&self, setting: &Setting) -> Result<String> {
        let what = "1 to 100 letters, digits, `.`, `_` and `-`, a letter or digit first";
        self.text(setting, what, |text| {
            (1..=100).contains(&text.len()) && is_name(text)
        })
    }

    /// Which scopes a tool takes, its adapter knows.
    fn namespace(&self, setting: &Setting) -> Result<String> {
        self.text(setting, "a scope such as `@my-team`", |text| {
            (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
        })
    }

    fn region(&self, setting: &Setting) -> Result<String> {
        self.text(setting, "a Region such as `us-west-2`", super::is_region)
    }

    fn profile(&self, setting: &Setting) -> Result<String> {
        self.text(setting, "the name of a profile", |text| {
            (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        })
    }

    fn duration(&self, setting: &Setting) -> Result<i64> {
        match setting.item.as_integer() {
            Some(seconds) if seconds == 0 || (900..=43_200).contains(&seconds) => Ok(seconds),
            Some(_) | None => Err(self.expected(setting, "0, or a number from 900 to 43200")),
        }
    }

    fn endpoint_type(&self, setting: &Setting) -> Result<String> {
        self.text(setting, "`ipv4` or `dualstack`", |text| {
            matches!(text, "ipv4" | "dualstack")
        })
    }

    /// One name, or a list of names.
    fn tools(&self, setting: &Setting) -> Result<Vec<String>> {
        let values: Vec<&Value> = match setting.item.as_value() {
            Some(Value::Array(array)) => array.iter().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        };
        let known = |name: &str| name == AUTO || self.source.tools.contains(&name);
        let names: Option<Vec<String>> = values
            .iter()
            .map(|value| value.as_str().filter(|name| known(name)))
            .map(|name| name.map(str::to_string))
            .collect();
        match names {
            Some(names) if (1..=MOST).contains(&names.len()) => Ok(names),
            _ => {
                let foreign = values
                    .iter()
                    .find_map(|value| value.as_str().filter(|name| !known(name)));
                let which = foreign.map_or_else(String::new, |name| {
                    format!("`{}` is no tool; ", shortened(name))
                });
                let reason = format!(
                    "{which}`tools` has to be `\"{AUTO}\"` or a list of: {}",
                    self.source.tools.join(", ")
                );
                Err(self.source.wrong(setting.line, reason))
            }
        }
    }

    fn tables<'t>(&self, setting: &Setting<'t>) -> Result<Vec<&'t Table>> {
        match setting.item.as_array_of_tables() {
            Some(tables) if tables.len() <= MOST => Ok(tables.iter().collect()),
            Some(_) => Err(self.expected(setting, "at most 100 tables")),
            None => Err(self.expected(setting, "a table with two brackets, `[[login]]`")),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
}

/// A text of somebody else's, fit to stand in a message.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}

impl Entry {
    /// Takes from outside what a table does not say. Another domain has another owner and
    /// other repositories.
    fn inherit(&mut self, shared: &Entry) {
        let same_domain = self.domain.is_none() || self.domain == shared.domain;
        if same_domain {
            self.domain.clone_from(&shared.domain);
            self.owner = self.owner.take().or_else(|| shared.owner.clone());
            self.repository = self.repository.take().or_else(|| shared.repository.clone());
        }
    }

    /// Whether the table sets a flag, such as `project`.
    pub fn sets(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::Platform;

    fn parse(text: &str) -> Result<Project> {
        let path = Path::new("/project/codeartifact.toml");
        Project::parse(path, text, &["npm", "pip"])
    }

    #[test]
    fn everything_is_read() {
        let project = parse(
            "domain = \"my-domain\"\nowner = \"111122223333\"\nrepository = \"main\"\n\
             region = \"us-west-2\"\nprofile = \"work\"\nduration-seconds = 900\n\
             endpoint-type = \"dualstack\"\ntools = [\"npm\", \"auto\"]\nproject = true\n\n\
             [[login]]\ntools = \"npm\"\nnamespace = \"@team\"\nrepository = \"team\"\n\n\
             [[login]]\ntools = [\"pip\"]\ndomain = \"other\"\nextra = true\nmirror = false\n",
        )
        .unwrap();
        assert_eq!(project.region.as_deref(), Some("us-west-2"));
        assert_eq!(project.profile.as_deref(), Some("work"));
        assert_eq!(project.duration_seconds, Some(900));
        assert_eq!(project.endpoint_type.as_deref(), Some("dualstack"));
        assert_eq!(project.shared.tools, ["npm", "auto"]);
        assert!(project.shared.sets("project") && !project.shared.sets("extra"));
        let [team, other] = project.further.as_slice() else {
            panic!("two tables: {project:?}");
        };
        assert_eq!(team.domain.as_deref(), Some("my-domain"));
        assert_eq!(team.owner.as_deref(), Some("111122223333"));
        assert_eq!(team.repository.as_deref(), Some("team"));
        assert_eq!(team.namespace.as_deref(), Some("@team"));
        assert!(!team.sets("project"), "flags are not inherited");
        assert_eq!(other.domain.as_deref(), Some("other"));
        assert_eq!((&other.owner, &other.repository), (&None, &None));
        assert_eq!(other.flags, ["extra"]);
    }

    #[test]
    fn an_error_names_file_line_and_what_is_expected() {
        for (text, expected) in [
            ("\ndomain = \"X\"", "line 2: `domain` has to be 2 to 50"),
            ("owner = 111122223333", "line 1: `owner` has to be the 12"),
            ("domain = \"ab\"\nowner = \"1\"", "line 2: `owner`"),
            ("repository = \"a b\"", "line 1: `repository`"),
            ("region = \"a.b\"", "line 1: `region` has to be a Region"),
            ("profile = \"a\\u001bb\"", "it is \"a\\u{1b}b\""),
            ("duration-seconds = 60", "0, or a number from 900 to 43200"),
            ("endpoint-type = \"ipv6\"", "`ipv4` or `dualstack`"),
            ("tools = [\"npm\", \"mpn\"]", "`mpn` is no tool; "),
            ("tools = []", "a list of: npm, pip"),
            ("tools = [1]", "a list of: npm, pip"),
            ("extra = 1", "`extra` has to be `true` or `false`"),
            ("name = \"../x\"", "line 1: `name`"),
            ("a = 1", "line 1: `a` is no setting; there are `domain`"),
            ("login = 1", "`[[login]]`"),
            ("# x\n[[login]]\nname = \"a\"", "line 2: this `[[login]]`"),
            ("[[login]]\nprofile = \"a\"", "line 2: `profile` is no"),
            ("domain = ", "line 1: "),
            ("\u{feff}\n\nx y", "line 3: "),
        ] {
            let error = parse(text).unwrap_err();
            let message = &error.message;
            assert!(message.starts_with("`/project/codeartifact.toml`"));
            assert!(message.contains(expected), "{text:?}: {message}");
            assert_eq!(error.kind, crate::error::Kind::Configuration);
        }
    }

    #[test]
    fn the_service_cannot_be_moved() {
        for key in ["endpoint-url", "endpoint_url", "endpoint"] {
            let error = parse(&format!("{key} = \"https://a.test/\"")).unwrap_err();
            assert!(error.hints[0].contains("--endpoint-url"), "{error:?}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
    fn the_nearest_file_counts() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let env = Env::made_up(Platform::Linux, "/home/me", &inner, []);
        fs::write(folder.path().join(FILE_NAME), "domain = \"outer\"").unwrap();
        let found = Project::find(&env, &[]).unwrap().unwrap();
        assert_eq!(found.shared.domain.as_deref(), Some("outer"));
        assert_eq!(found.path, folder.path().join(FILE_NAME));
        fs::write(inner.join(FILE_NAME), " ".repeat(70_000)).unwrap();
        let error = Project::find(&env, &[]).unwrap_err();
        assert!(error.message.ends_with("larger than 64 KiB"), "{error:?}");
        fs::remove_file(inner.join(FILE_NAME)).unwrap();
        fs::create_dir(inner.join(FILE_NAME)).unwrap();
        let error = Project::find(&env, &[]).unwrap_err();
        assert!(error.message.ends_with("no regular file"), "{error:?}");
    }

    #[test]
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
    fn a_folder_for_everybody_is_passed_over() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("project");
        fs::create_dir(&inner).unwrap();
        fs::write(folder.path().join(FILE_NAME), "domain = \"planted\"").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        let env = Env::made_up(Platform::Linux, "/home/me", &inner, []);
        assert_eq!(Project::find(&env, &[]).unwrap(), None);
    }
}
