//! The two operations that carry an asset.

use axum::body::Body;
use futures_util::StreamExt;

use super::{Control, PackageMember, RepositoryMember, read, shape, typed, validation};
use crate::api::answers::PublishPackageVersionOutput;
use crate::api::fault::{Fault, FaultKind};
use crate::local::file;
use crate::local::registry::publish::Upload;
use crate::local::registry::refusal::invalid;
use crate::local::registry::{Answer, Caller, Format, Status};
use crate::ops::get_package_version_asset::GetPackageVersionAsset;
use crate::ops::publish_package_version::PublishPackageVersion;
use crate::ops::{Descriptor, by_command};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// An asset on its way to the client.
pub struct Download {
    /// The bytes.
    pub body: Body,
    /// How many there are.
    pub size: u64,
    /// The headers that carry the rest of the answer.
    pub headers: [(&'static str, String); 3],
}

/// Answers GetPackageVersionAsset.
///
/// # Errors
/// The fault that the operation answers instead.
pub async fn download(control: &Control, caller: &Caller, query: &str) -> Answer<Download> {
    let input: GetPackageVersionAsset =
        typed(read(descriptor("get-package-version-asset")?, query, b"")?)?;
    let found = control
        .registry
        .asset(
            caller,
            &input.version.id(caller),
            &input.version.package()?,
            &input.version.package_version,
            &input.asset,
            input.package_version_revision,
        )
        .await?;
    let file = control
        .registry
        .open_asset(&found.path, &found.asset.name)
        .await?;
    let body = file::body(file, 0, found.asset.size)
        .await
        .map_err(|error| {
            Fault::new(
                FaultKind::InternalServer,
                format!("The asset cannot be read: {error}"),
            )
        })?;
    Ok(Download {
        body,
        size: found.asset.size,
        headers: [
            ("x-assetname", found.asset.name),
            ("x-packageversion", found.version),
            ("x-packageversionrevision", found.revision),
        ],
    })
}

/// Answers PublishPackageVersion. `sha256` is the header `x-amz-content-sha256`, in which the SHA-256
/// of the asset travels.
///
/// # Errors
/// The fault that the operation answers instead; nothing is stored then.
pub async fn publish(
    control: &Control,
    caller: &Caller,
    query: &str,
    sha256: &str,
    body: Body,
) -> Answer<PublishPackageVersionOutput> {
    let operation = descriptor("publish-package-version")?;
    let mut members = read(operation, query, b"")?;
    members.insert("assetSHA256".to_string(), sha256.into());
    validation::check(operation, &members)?;
    let input: PublishPackageVersion = typed(members)?;
    let package = input.version.package()?;
    if package.format != Format::Generic {
        return Err(invalid(format!(
            "PublishPackageVersion only supports packages of format generic, not {}.",
            package.format
        )));
    }
    check_asset_name(&input.asset_name)?;
    let id = input.version.id(caller);
    // Asked before the bytes are taken: who may not publish sends up to five gigabytes in vain.
    control
        .registry
        .check_publish(caller, &id, &package)
        .await?;
    let mut writer = control.registry.stage().await?;
    let mut bytes = body.into_data_stream();
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk.map_err(|_| invalid("The asset ended before its last byte."))?;
        writer.write(&chunk).await?;
    }
    let staged = writer.finish(&input.asset_name).await?;
    if hex::encode(staged.blob.hashes.sha256) != sha256 {
        return Err(invalid(format!(
            "The SHA-256 of the asset content is {}, not the provided assetSHA256 {sha256}.",
            hex::encode(staged.blob.hashes.sha256)
        )));
    }
    let unfinished = input.unfinished == Some(true);
    let upload = Upload {
        package: package.clone(),
        version: input.version.package_version.clone(),
        assets: vec![staged],
        facts: None,
        document: None,
        join: None,
        status: if unfinished {
            Status::Unfinished
        } else {
            Status::Published
        },
        tags: Vec::new(),
    };
    let publication = control.registry.publish(caller, &id, upload).await?;
    let asset = publication
        .assets
        .iter()
        .find(|asset| asset.name == input.asset_name);
    Ok(PublishPackageVersionOutput {
        format: Some(package.format.to_string()),
        namespace: package.namespace,
        package: Some(package.name),
        version: Some(input.version.package_version),
        version_revision: Some(publication.revision),
        status: Some(publication.status.as_str().to_string()),
        asset: asset.map(shape::asset),
    })
}

fn descriptor(command: &'static str) -> Answer<&'static Descriptor> {
    by_command(command).ok_or_else(|| invalid(format!("There is no operation {command}.")))
}

/// The names of generic assets (guide, "Generic package constraints").
fn check_asset_name(name: &str) -> Answer<()> {
    let refused = |why: &str| {
        Err(invalid(format!(
            "The asset name `{name}` is not valid: {why}."
        )))
    };
    if name == "." || name == ".." {
        return refused("it is a folder");
    }
    if name.starts_with(' ') || name.ends_with(' ') || name.contains("  ") {
        return refused("spaces stand one by one inside a name");
    }
    match name
        .chars()
        .find(|character| !may_stand_in_name(*character))
    {
        Some(character) => refused(&format!(
            "`{}` may not stand in it",
            character.escape_default()
        )),
        None => Ok(()),
    }
}

fn may_stand_in_name(character: char) -> bool {
    use GeneralCategory::{
        DecimalNumber, LetterNumber, LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter,
        UppercaseLetter,
    };
    " ~!@^&()-_+[]{};,.".contains(character)
        || matches!(
            character.general_category(),
            LowercaseLetter
                | ModifierLetter
                | OtherLetter
                | TitlecaseLetter
                | UppercaseLetter
                | LetterNumber
                | DecimalNumber
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asset_names_keep_the_guides_rules() {
        for name in [
            "asset.tar.gz",
            "my file (1).txt",
            "Ünïcode-名前.bin",
            "~!@^&()-_+[]{};,.",
        ] {
            assert!(check_asset_name(name).is_ok(), "{name}");
        }
        for name in [
            ".", "..", " a", "a ", "a  b", "a/b", "a\tb", "a:b", "a#b", "a%b", "a\u{301}",
        ] {
            assert!(check_asset_name(name).is_err(), "{name:?}");
        }
    }
}
