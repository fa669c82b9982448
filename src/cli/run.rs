//! One operation end to end: read its input, send it, print the answer.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::argv::Parsed;
use super::input::{self, Request, Skeleton};
use super::{Context, check, files, progress, skeleton, tree};
use crate::api::timestamp;
use crate::config::{Settings, TimestampFormat, zone};
use crate::error::{Error, Result};
use crate::ops::{Descriptor, Transport};
use crate::output::{Format, Printer, Query, Stdout, pager};
use crate::sdk::client::Service;
use crate::sdk::paginate::{Pager, Paging};
use crate::sdk::transfer::{self, Content, Target};

/// Runs the operation with the flags that were given.
pub(super) async fn operation(
    context: &Context,
    operation: &Descriptor,
    parsed: &Parsed,
) -> Result<()> {
    let query = context
        .global
        .query
        .as_deref()
        .map(Query::parse)
        .transpose()?;
    let settings = context.settings().await?;
    let request = input::read(operation, parsed, !context.global.no_paginate, &context.env)?;
    if request
        .paging
        .as_ref()
        .is_some_and(|paging| paging.max_items.is_some_and(|max| max <= 0))
    {
        context
            .streams
            .warning("Non-positive values for --max-items may result in undefined behavior.");
    }
    match request.skeleton {
        Some(Skeleton::Input) => return print_input(context, &request),
        Some(Skeleton::YamlInput) => return print_yaml_input(context, operation, &request),
        _ => {}
    }
    let format: Format = settings.output.value.parse()?;
    let printer = Printer::new(
        format,
        query,
        context.streams.stdout_colour(),
        operation.name,
    );
    let shown = Shown {
        context,
        settings: &settings,
        format,
        printer,
        pager: chosen_pager(context, &settings)?,
    };
    if request.skeleton == Some(Skeleton::Output) {
        check::check(&request.inputs, &request.members)?;
        let sample = (operation.sample)().map_err(|error| Error::other(error.to_string()))?;
        return shown.whole(&sample);
    }
    let service = Service::connect(&settings, context.trace()).await?;
    match operation.transport {
        Transport::Upload => {
            let is_file = parsed.flags.contains_key("asset-content");
            upload(&shown, &service, operation, request, is_file).await
        }
        Transport::Download => download(&shown, &service, operation, request).await,
        Transport::Json(_) => match &request.paging {
            Some(paging) => list(&shown, &service, operation, &request, paging).await,
            None => {
                check::check(&request.inputs, &request.members)?;
                let answer = service.call(operation, request.members).await?;
                shown.whole(&answer)
            }
        },
    }
}

/// How answers are printed.
struct Shown<'a> {
    context: &'a Context,
    settings: &'a Settings,
    format: Format,
    printer: Printer,
    pager: Option<pager::Program>,
}

/// The pager that a person on a terminal gets to see results with.
fn chosen_pager(context: &Context, settings: &Settings) -> Result<Option<pager::Program>> {
    if !context.streams.stdout_is_terminal() {
        return Ok(None);
    }
    let sources = pager::Sources {
        disabled: context.global.no_cli_pager,
        aws_pager: context.env.var_or_empty("AWS_PAGER"),
        cli_pager: settings.pager.as_deref(),
        pager: context.env.var_or_empty("PAGER"),
        less: context.env.var_or_empty("LESS"),
    };
    pager::choose(&sources, context.env.platform())
}

impl Shown<'_> {
    /// Standard output, for the result itself.
    fn out(&self) -> Stdout {
        if let Some(program) = &self.pager {
            self.context.streams.page_through(program);
        }
        self.context.streams.out()
    }

    fn whole(&self, answer: &Value) -> Result<()> {
        if self.format == Format::Off {
            // Nor is the query tried.
            return Ok(());
        }
        let answer = self.dated(answer.clone());
        self.printer.whole(&answer, &mut self.out())
    }

    fn page(&self, page: Value) -> Result<()> {
        let page = self.dated(page);
        self.printer.page(&page, &mut self.out())
    }

    /// The answer with its points in time as they are printed.
    fn dated(&self, mut answer: Value) -> Value {
        if self.settings.timestamp_format == TimestampFormat::Iso8601 {
            timestamp::print_iso8601(&mut answer, &zone::local(&self.context.env));
        }
        answer
    }
}

fn print_input(context: &Context, request: &Request) -> Result<()> {
    let printer = Printer::new(Format::Json, None, false, "");
    let input = skeleton::input(&request.inputs);
    printer.whole(&input, &mut context.streams.out())
}

fn print_yaml_input(context: &Context, operation: &Descriptor, request: &Request) -> Result<()> {
    let command = tree::operation(operation);
    let help = |flag: &str| {
        let arg = command
            .get_arguments()
            .find(|arg| arg.get_long() == Some(flag))?;
        Some(arg.get_help()?.to_string())
    };
    context
        .streams
        .print(&skeleton::yaml_input(&request.inputs, &help))
}

/// Fetches page after page, and prints them one by one or all at once.
async fn list(
    shown: &Shown<'_>,
    service: &Service,
    operation: &Descriptor,
    request: &Request,
    paging: &Paging,
) -> Result<()> {
    let pages = operation.pages.expect("only listings have pages");
    let mut pager = Pager::new(pages, request.members.clone(), paging)?;
    let mut is_first = true;
    while let Some(members) = pager.request() {
        check::check(&request.inputs, members)?;
        let answer = service.call(operation, members.clone()).await?;
        let page = pager.accept(answer)?;
        match shown.format {
            Format::Text => shown.page(pager.for_text(&page, is_first))?,
            format if format.by_page() => shown.page(Value::Object(page))?,
            _ => {}
        }
        is_first = false;
        if shown.context.streams.is_closed() {
            return Ok(());
        }
    }
    match (shown.format, pager.resume_token()) {
        (Format::Text, Some(token)) => shown.page(json!({"NextToken": {"NextToken": token}})),
        (format, _) if format.by_page() => Ok(()),
        _ => shown.whole(&pager.into_whole()),
    }
}

async fn upload(
    shown: &Shown<'_>,
    service: &Service,
    operation: &Descriptor,
    mut request: Request,
    is_file: bool,
) -> Result<()> {
    let name = request.members.get("assetContent").and_then(Value::as_str);
    let content = match name {
        Some(text) if is_file => Some(Content::File(asset_file(
            text,
            &files::path(text, &shown.context.env),
        )?)),
        Some(text) => Some(Content::Bytes(bytes(text, &shown.settings.binary_format)?)),
        None => None,
    };
    // The one required member that is computed when it is left out.
    check::check(&request.inputs, &request.members)?;
    let Some(content) = content else {
        return Err(Error::parameter(
            "Parameter validation failed:\nMissing required parameter in input: \"assetContent\"",
        ));
    };
    let bar = progress::bar(&shown.context.streams, content.length()?);
    request.members.shift_remove("assetContent");
    let answer = transfer::upload(service, operation, request.members, content, bar.sink()).await;
    bar.finish();
    shown.whole(&answer?)
}

/// The file behind `--asset-content`.
fn asset_file(name: &str, path: &std::path::Path) -> Result<PathBuf> {
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    let bad = super::param::BadValue {
        flag: "--asset-content".to_string(),
        reason: "Blob values must be a path to a file.".to_string(),
    };
    Err(Error::from(bad).hint(format!("`{name}` is not the path of a file")))
}

/// The bytes that a document writes as text.
fn bytes(text: &str, format: &str) -> Result<Vec<u8>> {
    if format == "raw-in-base64-out" {
        return Ok(text.as_bytes().to_vec());
    }
    STANDARD
        .decode(text)
        .map_err(|_| Error::other(format!("Invalid base64: \"{text}\"")))
}

async fn download(
    shown: &Shown<'_>,
    service: &Service,
    operation: &Descriptor,
    request: Request,
) -> Result<()> {
    check::check(&request.inputs, &request.members)?;
    let outfile = request.outfile.unwrap_or_default();
    let bar = progress::bar(&shown.context.streams, 0);
    let mut stdout = shown.context.streams.out();
    let target = match outfile.as_str() {
        "-" => Target::Stream(&mut stdout),
        name => Target::File(files::path(name, &shown.context.env)),
    };
    let is_stream = outfile == "-";
    let received =
        transfer::download(service, operation, &request.members, target, bar.sink()).await;
    bar.finish();
    let received = received?;
    if !received.was_verified {
        shown.context.streams.warning(format_args!(
            "The service does not list a SHA-256 for `{}`; the asset was not verified",
            request
                .members
                .get("asset")
                .and_then(Value::as_str)
                .unwrap_or_default()
        ));
    }
    if is_stream {
        return Ok(());
    }
    shown.whole(&Value::Object(Map::from_iter(received.answer)))
}
