//! Our shapes as the types that the SDK's builders take.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_codeartifact::error::BuildError;
use aws_sdk_codeartifact::types;

use crate::api::shapes::{
    PackageGroupAllowedRepository, PackageOriginRestrictions, Tag, UpstreamRepository,
};

/// The SDK counts in 32 bits. A number beyond them is beyond the service's limits too, so the
/// nearest one draws the same refusal.
pub(super) fn narrow(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
}

pub(super) fn tag(tag: Tag) -> Result<types::Tag, BuildError> {
    types::Tag::builder()
        .set_key(tag.key)
        .set_value(tag.value)
        .build()
}

pub(super) fn upstream(
    upstream: UpstreamRepository,
) -> Result<types::UpstreamRepository, BuildError> {
    types::UpstreamRepository::builder()
        .set_repository_name(upstream.repository_name)
        .build()
}

pub(super) fn allowed_repository(
    allowed: PackageGroupAllowedRepository,
) -> Result<types::PackageGroupAllowedRepository, BuildError> {
    Ok(types::PackageGroupAllowedRepository::builder()
        .set_repository_name(allowed.repository_name)
        .set_origin_restriction_type(
            allowed
                .origin_restriction_type
                .map(|text| text.as_str().into()),
        )
        .build())
}

pub(super) fn package_restrictions(
    restrictions: PackageOriginRestrictions,
) -> Result<types::PackageOriginRestrictions, BuildError> {
    types::PackageOriginRestrictions::builder()
        .set_publish(restrictions.publish.map(|text| text.as_str().into()))
        .set_upstream(restrictions.upstream.map(|text| text.as_str().into()))
        .build()
}

pub(super) fn group_restrictions(
    restrictions: BTreeMap<String, String>,
) -> HashMap<types::PackageGroupOriginRestrictionType, types::PackageGroupOriginRestrictionMode> {
    restrictions
        .into_iter()
        .map(|(restriction, mode)| (restriction.as_str().into(), mode.as_str().into()))
        .collect()
}
