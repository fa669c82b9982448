//! Where nuget.exe and dotnet look for their settings.

use std::path::{Path, PathBuf};

use crate::config::env::Platform;
use crate::login::adapter::{Malformed, Place};

/// The user's folder for nuget.exe, which on other systems than Windows runs under mono.
pub(super) fn mono_folder(place: &Place) -> Result<PathBuf, Malformed> {
    match place.env.platform() {
        Platform::Windows => Ok(place.app_data()?.join("NuGet")),
        Platform::Linux | Platform::MacOs => Ok(place.xdg_config()?.join("NuGet")),
    }
}

/// The user's folder for dotnet.
pub(super) fn dotnet_folder(place: &Place) -> Result<PathBuf, Malformed> {
    match place.env.platform() {
        Platform::Windows => mono_folder(place),
        Platform::Linux | Platform::MacOs => match place.path_var("DOTNET_CLI_HOME") {
            Some(home) => Ok(home.join(".nuget").join("NuGet")),
            None => Ok(place.home()?.join(".nuget").join("NuGet")),
        },
    }
}

/// The spellings that NuGet looks for, in its order.
const SPELLINGS: [&str; 3] = ["nuget.config", "NuGet.config", "NuGet.Config"];

/// The user's file. Where there is none it is one of our own beside it, which NuGet reads as well
/// (NuGet documentation, "nuget.config reference", "Additional user wide configuration"): it makes
/// its own file, with its public gallery, only while there is none.
pub(super) fn users_file(place: &Place, folder: &Path) -> PathBuf {
    let own = own_file(folder);
    let users = existing(place, folder);
    match place.disk.is_file(&own) || !place.disk.is_file(&users) {
        true => own,
        false => users,
    }
}

/// A file of our own beside the user's.
pub(super) fn own_file(folder: &Path) -> PathBuf {
    folder.join("config").join("codeartifact.config")
}

/// The file in a folder in the spelling that is there.
pub(super) fn existing(place: &Place, folder: &Path) -> PathBuf {
    SPELLINGS
        .iter()
        .map(|name| folder.join(name))
        .find(|path| place.disk.is_file(path))
        .unwrap_or_else(|| folder.join("NuGet.Config"))
}

/// The file with the source: the nearest one, or the user's.
pub(super) fn locate_source(
    place: &Place,
    users: fn(&Place) -> Result<PathBuf, Malformed>,
) -> Result<Option<PathBuf>, Malformed> {
    let folder = match place.options.project {
        true => place
            .nearest(&SPELLINGS)
            .unwrap_or_else(|| place.env.current_dir().to_path_buf()),
        false => return users(place).map(|folder| Some(users_file(place, &folder))),
    };
    Ok(Some(existing(place, &folder)))
}

#[cfg(test)]
mod tests {
    use super::super::{DOTNET, NUGET};
    use super::*;
    use crate::login::adapter::Adapter;
    use crate::login::testing;

    #[test]
    fn the_files_are_where_each_tool_looks() {
        let at = |adapter: &Adapter, file: usize, platform, project, files: &[(&str, &str)]| {
            let options = if project {
                testing::project()
            } else {
                testing::plain()
            };
            testing::located(
                &adapter.files[file],
                platform,
                &[],
                "/project/src",
                &options,
                files,
            )
            .expect("there is a home")
        };
        let path = PathBuf::from;
        assert_eq!(
            at(&NUGET, 0, Platform::Linux, false, &[]),
            path("/home/me/.config/NuGet/config/codeartifact.config")
        );
        assert_eq!(
            at(&DOTNET, 0, Platform::MacOs, false, &[]),
            path("/home/me/.nuget/NuGet/config/codeartifact.config")
        );
        for adapter in [&NUGET, &DOTNET] {
            assert_eq!(
                at(adapter, 1, Platform::Windows, false, &[]),
                path("/home/me/AppData/Roaming/NuGet/config/codeartifact.config")
            );
        }
        let near = [("/project/nuget.config", "")];
        assert_eq!(
            at(&DOTNET, 0, Platform::Linux, true, &near),
            path("/project/nuget.config")
        );
        assert_eq!(
            at(&DOTNET, 1, Platform::Linux, true, &near),
            path("/home/me/.nuget/NuGet/config/codeartifact.config")
        );
        let users = ("/home/me/.nuget/NuGet/NuGet.Config", "");
        assert_eq!(
            at(&DOTNET, 0, Platform::Linux, false, &[users]),
            path(users.0)
        );
        // NuGet has made its own in the meantime.
        let own = ("/home/me/.nuget/NuGet/config/codeartifact.config", "");
        assert_eq!(
            at(&DOTNET, 0, Platform::Linux, false, &[users, own]),
            path(own.0)
        );
    }
}
