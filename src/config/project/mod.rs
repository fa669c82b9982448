//! `codeartifact.toml`: what the people of a project share about their logins.
//!
//! The file comes with the project, so somebody else may have written it. It is small or it is
//! refused, every value in it is checked, and it cannot say where the service is: a token would
//! go there. What it decides is told by the command that uses it. Reading is apart from
//! [`Project::parse`], which is pure.

mod reader;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use toml_edit::Document;

use super::env::Env;
use crate::error::{Error, Result};
use reader::{Reader, Source};

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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn no_text_is_too_much(text in "([a-z-]{0,9}[ =\\[\\]\"\\n]{0,3}|\\PC{0,5}){0,20}") {
            // An error or a project, but an end.
            let _ = parse(&text);
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
