//! The tags that a resource may have (guide, "Tagging resources").

use rusqlite::Connection;

use super::access::{self, Target};
use super::refusal::{Answer, Resource, invalid, quota};
use super::{Caller, Context};
use crate::local::store::{Writing, tag as rows};

/// Tags as pairs of texts.
pub(super) fn pairs(tags: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

/// Sets tags on a resource, up to the quota. Names that begin with `aws:` are not the users' to give.
pub(super) fn set_all(
    writing: &Writing<'_>,
    context: &Context,
    arn: &str,
    tags: &[(String, String)],
) -> Answer<()> {
    for (index, (key, value)) in tags.iter().enumerate() {
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid(format!(
                "The tag key `{key}` begins with `aws:`, which is reserved."
            )));
        }
        if tags[..index].iter().any(|(earlier, _)| earlier == key) {
            return Err(invalid(format!("The tag key `{key}` is there twice.")));
        }
        rows::set(writing, arn, key, value)?;
    }
    let limit = context.quotas.tags_per_resource;
    if rows::list(writing, arn)?.len() > limit {
        let resource = if arn.contains(":repository/") {
            Resource::Repository
        } else {
            Resource::Domain
        };
        return Err(quota(
            resource,
            arn,
            format!("A resource cannot have more than {limit} tags."),
        ));
    }
    Ok(())
}

/// Makes sure that the caller may create the resource, and with tags, where it gets some.
pub(super) fn check_creation(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    action: &str,
    target: Target<'_>,
    tags: &[(String, String)],
) -> Answer<()> {
    let keys = access::request_tag_keys(pairs(tags));
    let check = |action| {
        let keys = keys.clone();
        access::check(connection, &context.region, caller, action, target, keys)
    };
    check(action)?;
    if tags.is_empty() {
        return Ok(());
    }
    check("TagResource")
}
