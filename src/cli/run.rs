//! One operation end to end: read its input, send it, print the answer.

use clap::ArgMatches;
use jiff::tz::TimeZone;

use super::{Context, input};
use crate::api::timestamp;
use crate::error::Result;
use crate::ops::Descriptor;
use crate::output::{Format, Printer, Query};
use crate::sdk::client::Service;

/// Runs the operation with the flags that were given.
pub(super) async fn operation(
    context: &Context,
    operation: &Descriptor,
    matches: &ArgMatches,
) -> Result<()> {
    let input = input::read(operation, matches, &context.env)?;
    let settings = context.settings().await?;
    let format: Format = settings.output.value.parse()?;
    let query = settings.query.as_deref().map(Query::parse).transpose()?;
    let printer = Printer::new(
        format,
        query,
        context.streams.stdout_colour(),
        operation.name,
    );
    let service = Service::connect(&settings).await?;
    let mut answer = service.call(operation, input).await?;
    timestamp::print_iso8601(&mut answer, &TimeZone::system());
    printer.whole(&answer, &mut context.streams.out())
}
