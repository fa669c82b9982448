//! Completion scripts and man pages, made from the command tree. The checked-in copies in
//! `completions/` and `man/` are compared with this by a test.

use std::io;

use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{Context, tree};
use crate::error::{Error, Kind, Result};

/// Print the completion script of a shell
///
/// Example: `codeartifact completion bash > ~/.local/share/bash-completion/completions/codeartifact`
#[derive(Args, Clone, Debug)]
pub(super) struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(context: &Context, args: &CompletionArgs) -> Result<()> {
    context.streams.print(&script(args.shell))
}

/// The completion script of a shell.
fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree::command(), tree::NAME, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Every completion script and its file's name.
pub fn completions() -> Vec<(String, String)> {
    Shell::value_variants()
        .iter()
        .map(|shell| {
            use clap_complete::Generator;
            (shell.file_name(tree::NAME), script(*shell))
        })
        .collect()
}

/// Every man page and its file's name: the program, and each command.
///
/// # Errors
/// When a page cannot be written, which writing to memory does not bring about.
pub fn man_pages() -> Result<Vec<(String, String)>> {
    let mut root = tree::command().disable_help_subcommand(true);
    root.build();
    let mut pages = vec![page(root.clone(), tree::NAME)?];
    for command in root.get_subcommands() {
        let name = format!("{}-{}", tree::NAME, command.get_name());
        pages.push(page(command.clone(), &name)?);
        for nested in command.get_subcommands() {
            let name = format!("{name}-{}", nested.get_name());
            pages.push(page(nested.clone(), &name)?);
        }
    }
    Ok(pages)
}

/// The command without the example at the end of its text, and the example.
fn split_example(command: Command) -> (Command, Option<String>) {
    let Some(text) = command.get_long_about().map(ToString::to_string) else {
        return (command, None);
    };
    match text.rsplit_once("\n\nExample: ") {
        Some((text, example)) => {
            let example = example.trim_matches('`').to_string();
            (command.long_about(text.to_string()), Some(example))
        }
        None => (command, None),
    }
}

fn page(command: Command, name: &str) -> Result<(String, String)> {
    let has_commands = command.has_subcommands();
    let (command, example) = split_example(command);
    let version = format!("{} {}", tree::NAME, env!("CARGO_PKG_VERSION"));
    let man = Man::new(
        command
            .name(name.to_string())
            .display_name(name.to_string()),
    )
    .manual("codeartifact")
    .source(version);
    let mut text = Vec::new();
    let mut write = || -> io::Result<()> {
        man.render_title(&mut text)?;
        man.render_name_section(&mut text)?;
        man.render_synopsis_section(&mut text)?;
        man.render_description_section(&mut text)?;
        man.render_options_section(&mut text)?;
        if has_commands {
            man.render_subcommands_section(&mut text)?;
        }
        if let Some(example) = &example {
            let mut roff = Roff::new();
            roff.control("SH", ["EXAMPLE"]);
            roff.text([bold(example)]);
            roff.to_writer(&mut text)?;
        }
        surroundings().to_writer(&mut text)
    };
    write().map_err(|error| {
        Error::new(Kind::Other, format!("The man page `{name}` cannot be made")).caused_by(error)
    })?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    while text.ends_with("\n\n") {
        text.pop();
    }
    Ok((format!("{name}.1"), text))
}

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "The command succeeded"),
    ("130", "It was interrupted with Ctrl-C"),
    ("252", "The command line, or a parameter on it, is wrong"),
    (
        "253",
        "The configuration is incomplete: no Region, no credentials",
    ),
    ("254", "The service answered with an error"),
    ("255", "Anything else: network, files, broken answers"),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "AWS_PROFILE, AWS_DEFAULT_PROFILE",
        "Profile of the AWS configuration; the first wins",
    ),
    (
        "AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE",
        "Files of the AWS configuration, instead of those in the home",
    ),
    ("AWS_REGION, AWS_DEFAULT_REGION", "Region; the first wins"),
    (
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
        "Credentials; a profile that `--profile` names comes before them",
    ),
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME",
        "File with a token that a role is assumed with, the role, and a name for its session",
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "Where a container has its credentials",
    ),
    (
        "AWS_EC2_METADATA_DISABLED",
        "`true`: the metadata service of the machine is not asked",
    ),
    ("AWS_DEFAULT_OUTPUT", "Format of the output"),
    (
        "AWS_ENDPOINT_URL_CODEARTIFACT, AWS_ENDPOINT_URL",
        "Address of the service; the first wins",
    ),
    ("AWS_ENDPOINT_URL_STS", "Address of STS, which lends roles"),
    (
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "`true`: addresses in variables and profiles do not count",
    ),
    (
        "AWS_USE_DUALSTACK_ENDPOINT, AWS_USE_FIPS_ENDPOINT",
        "`true`: the endpoints that speak IPv6 as well, or comply with FIPS 140",
    ),
    ("AWS_CA_BUNDLE", "File with the certificates to trust"),
    (
        "AWS_MAX_ATTEMPTS, AWS_RETRY_MODE",
        "How failed requests are repeated",
    ),
    (
        "AWS_PAGER, PAGER",
        "Program that shows long output on a terminal",
    ),
    ("AWS_CLI_ERROR_FORMAT", "Format of errors"),
    ("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "Proxies"),
    ("NO_COLOR", "No colours, unless `--color on` is given"),
];

const FILES: &[(&str, &str)] = &[
    (
        "~/.aws/config, ~/.aws/credentials",
        "Profiles, Regions and credentials",
    ),
    ("~/.aws/sso/cache", "Tokens of single sign-on sessions"),
    ("~/.aws/login/cache", "Sessions of the console"),
    (
        "~/.aws/cli/cache",
        "Temporary credentials of roles, shared with AWS CLI",
    ),
    ("~/.aws/cli/alias", "Aliases"),
];

/// The sections that all pages share.
fn surroundings() -> Roff {
    let mut roff = Roff::new();
    for (heading, entries) in [
        ("EXIT STATUS", EXIT_STATUS),
        ("ENVIRONMENT", ENVIRONMENT),
        ("FILES", FILES),
    ] {
        roff.control("SH", [heading]);
        for (name, meaning) in entries {
            roff.control("TP", []);
            roff.text([bold(*name)]);
            roff.text([roman(*meaning)]);
        }
    }
    roff
}
