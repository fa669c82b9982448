//! Every input member of the API in one table: how it is spelled on the command line
//! and in the query string, what it may hold. The parser, the skeletons, the client's
//! checks and the service's validation are all derived from it.
//!
//! A member has the same spelling and the same limits in every operation that has it; only
//! `restrictions` and `packageGroup` exist twice. Whether it travels in the query
//! or in the body is the operation's to say.

/// What a text member may hold.
#[derive(Debug)]
pub struct Text {
    /// Name of the shape in the API model.
    pub name: &'static str,
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// Regular expression that the whole text matches, in the model's syntax.
    pub pattern: Option<&'static str>,
    /// The values of an enumeration; empty when any text will do.
    pub values: &'static [&'static str],
}

/// A member of a structure.
#[derive(Debug)]
pub struct Field {
    /// Name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: &'static Kind,
    /// Whether the structure is incomplete without it.
    pub required: bool,
}

/// The type of a member.
#[derive(Debug)]
pub enum Kind {
    /// Text, enumerations included.
    Text(&'static Text),
    /// A whole number in a range.
    Integer {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// True or false.
    Boolean,
    /// A list.
    List {
        /// What each item is.
        item: &'static Kind,
        /// Most items.
        max: usize,
    },
    /// An object with any keys.
    Map {
        /// What each key is.
        key: &'static Kind,
        /// What each value is.
        value: &'static Kind,
    },
    /// An object with known members, in the model's order.
    Structure(&'static [Field]),
    /// Bytes that are streamed.
    Blob,
}

/// An input member.
#[derive(Debug)]
pub struct Member {
    /// Name in the model and in `--cli-input-json`.
    pub name: &'static str,
    /// Name of the flag, without its dashes.
    pub flag: &'static str,
    /// Name in the query string, for operations that put it there.
    pub query: Option<&'static str>,
    /// What it holds.
    pub kind: Kind,
}

/// The member of that name in the given operation.
pub fn member(operation: &str, name: &str) -> Option<&'static Member> {
    find(operation, |member| member.name == name)
}

/// The member with that flag in the given operation.
pub fn member_of_flag(operation: &str, flag: &str) -> Option<&'static Member> {
    find(operation, |member| member.flag == flag)
}

fn find(operation: &str, is_meant: impl Fn(&Member) -> bool) -> Option<&'static Member> {
    MEMBERS
        .iter()
        .find(|member| is_meant(member) && is_of(operation, member))
}

/// Two members exist twice: `restrictions` is a structure in one operation and a map in the
/// other, and the model takes any text for the group that is to be deleted.
fn is_of(operation: &str, member: &Member) -> bool {
    match (member.name, &member.kind) {
        ("restrictions", kind) => {
            matches!(kind, Kind::Map { .. })
                == (operation == "UpdatePackageGroupOriginConfiguration")
        }
        ("packageGroup", Kind::Text(text)) => {
            (text.name == ANY.name) == (operation == "DeletePackageGroup")
        }
        _ => true,
    }
}

const ANY: Text = Text {
    name: "String",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &[],
};
const DOMAIN_NAME: Text = Text {
    name: "DomainName",
    min: 2,
    max: 50,
    pattern: Some(r"[a-z][a-z0-9\-]{0,48}[a-z0-9]"),
    values: &[],
};
const ACCOUNT_ID: Text = Text {
    name: "AccountId",
    min: 12,
    max: 12,
    pattern: Some("[0-9]{12}"),
    values: &[],
};
const REPOSITORY_NAME: Text = Text {
    name: "RepositoryName",
    min: 2,
    max: 100,
    pattern: Some(r"[A-Za-z0-9][A-Za-z0-9._\-]{1,99}"),
    values: &[],
};
const EXTERNAL_CONNECTION_NAME: Text = Text {
    name: "ExternalConnectionName",
    min: 2,
    max: 100,
    pattern: Some(r"[A-Za-z0-9][A-Za-z0-9._\-:]{1,99}"),
    values: &[],
};
const PACKAGE_FORMAT: Text = Text {
    name: "PackageFormat",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &[
        "npm", "pypi", "maven", "nuget", "generic", "ruby", "swift", "cargo",
    ],
};
const PACKAGE_NAMESPACE: Text = Text {
    name: "PackageNamespace",
    min: 1,
    max: 255,
    pattern: Some(r"[^#/\s]+"),
    values: &[],
};
const PACKAGE_NAME: Text = Text {
    name: "PackageName",
    min: 1,
    max: 255,
    pattern: Some(r"[^#/\s]+"),
    values: &[],
};
const PACKAGE_VERSION: Text = Text {
    name: "PackageVersion",
    min: 1,
    max: 255,
    pattern: Some(r"[^#/\s]+"),
    values: &[],
};
const PACKAGE_VERSION_REVISION: Text = Text {
    name: "PackageVersionRevision",
    min: 1,
    max: 50,
    pattern: Some(r"\S+"),
    values: &[],
};
const ARN: Text = Text {
    name: "Arn",
    min: 1,
    max: 1011,
    pattern: Some(r"\S+"),
    values: &[],
};
const TAG_KEY: Text = Text {
    name: "TagKey",
    min: 1,
    max: 128,
    pattern: Some(r"\P{C}+"),
    values: &[],
};
const TAG_VALUE: Text = Text {
    name: "TagValue",
    min: 0,
    max: 256,
    pattern: Some(r"\P{C}*"),
    values: &[],
};
const PACKAGE_GROUP_PATTERN: Text = Text {
    name: "PackageGroupPattern",
    min: 2,
    max: 520,
    pattern: Some(r"[^\p{C}\p{IsWhitespace}]+"),
    values: &[],
};
const PACKAGE_GROUP_CONTACT_INFO: Text = Text {
    name: "PackageGroupContactInfo",
    min: 0,
    max: 1000,
    pattern: Some(r"\P{C}*"),
    values: &[],
};
const DESCRIPTION: Text = Text {
    name: "Description",
    min: 0,
    max: 1000,
    pattern: Some(r"\P{C}*"),
    values: &[],
};
const POLICY_REVISION: Text = Text {
    name: "PolicyRevision",
    min: 1,
    max: 100,
    pattern: Some(r"\S+"),
    values: &[],
};
const PACKAGE_VERSION_STATUS: Text = Text {
    name: "PackageVersionStatus",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &[
        "Published",
        "Unfinished",
        "Unlisted",
        "Archived",
        "Disposed",
        "Deleted",
    ],
};
const ASSET_NAME: Text = Text {
    name: "AssetName",
    min: 1,
    max: 255,
    pattern: Some(r"\P{C}+"),
    values: &[],
};
const ENDPOINT_TYPE: Text = Text {
    name: "EndpointType",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &["dualstack", "ipv4"],
};
const PACKAGE_GROUP_ORIGIN_RESTRICTION_TYPE: Text = Text {
    name: "PackageGroupOriginRestrictionType",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &["EXTERNAL_UPSTREAM", "INTERNAL_UPSTREAM", "PUBLISH"],
};
const PAGINATION_TOKEN: Text = Text {
    name: "PaginationToken",
    min: 1,
    max: 2000,
    pattern: Some(r"\S+"),
    values: &[],
};
const PACKAGE_GROUP_PATTERN_PREFIX: Text = Text {
    name: "PackageGroupPatternPrefix",
    min: 0,
    max: 520,
    pattern: Some(r"\P{C}*"),
    values: &[],
};
const PACKAGE_VERSION_SORT_TYPE: Text = Text {
    name: "PackageVersionSortType",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &["PUBLISHED_TIME"],
};
const PACKAGE_VERSION_ORIGIN_TYPE: Text = Text {
    name: "PackageVersionOriginType",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &["INTERNAL", "EXTERNAL", "UNKNOWN"],
};
const ALLOW_PUBLISH: Text = Text {
    name: "AllowPublish",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &["ALLOW", "BLOCK"],
};
const ALLOW_UPSTREAM: Text = Text {
    name: "AllowUpstream",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &["ALLOW", "BLOCK"],
};
const SHA256: Text = Text {
    name: "SHA256",
    min: 64,
    max: 64,
    pattern: Some("[0-9a-f]+"),
    values: &[],
};
const POLICY_DOCUMENT: Text = Text {
    name: "PolicyDocument",
    min: 1,
    max: 7168,
    pattern: Some(r"[\P{C}\s]+"),
    values: &[],
};
const PACKAGE_GROUP_ORIGIN_RESTRICTION_MODE: Text = Text {
    name: "PackageGroupOriginRestrictionMode",
    min: 0,
    max: usize::MAX,
    pattern: None,
    values: &["ALLOW", "ALLOW_SPECIFIC_REPOSITORIES", "BLOCK", "INHERIT"],
};

/// All input members, in the order in which the model first names them.
pub const MEMBERS: &[Member] = &[
    Member {
        name: "domain",
        flag: "domain",
        query: Some("domain"),
        kind: Kind::Text(&DOMAIN_NAME),
    },
    Member {
        name: "domainOwner",
        flag: "domain-owner",
        query: Some("domain-owner"),
        kind: Kind::Text(&ACCOUNT_ID),
    },
    Member {
        name: "repository",
        flag: "repository",
        query: Some("repository"),
        kind: Kind::Text(&REPOSITORY_NAME),
    },
    Member {
        name: "externalConnection",
        flag: "external-connection",
        query: Some("external-connection"),
        kind: Kind::Text(&EXTERNAL_CONNECTION_NAME),
    },
    Member {
        name: "sourceRepository",
        flag: "source-repository",
        query: Some("source-repository"),
        kind: Kind::Text(&REPOSITORY_NAME),
    },
    Member {
        name: "destinationRepository",
        flag: "destination-repository",
        query: Some("destination-repository"),
        kind: Kind::Text(&REPOSITORY_NAME),
    },
    Member {
        name: "format",
        flag: "format",
        query: Some("format"),
        kind: Kind::Text(&PACKAGE_FORMAT),
    },
    Member {
        name: "namespace",
        flag: "namespace",
        query: Some("namespace"),
        kind: Kind::Text(&PACKAGE_NAMESPACE),
    },
    Member {
        name: "package",
        flag: "package",
        query: Some("package"),
        kind: Kind::Text(&PACKAGE_NAME),
    },
    Member {
        name: "versions",
        flag: "versions",
        query: None,
        kind: Kind::List {
            item: &Kind::Text(&PACKAGE_VERSION),
            max: 100,
        },
    },
    Member {
        name: "versionRevisions",
        flag: "version-revisions",
        query: None,
        kind: Kind::Map {
            key: &Kind::Text(&PACKAGE_VERSION),
            value: &Kind::Text(&PACKAGE_VERSION_REVISION),
        },
    },
    Member {
        name: "allowOverwrite",
        flag: "allow-overwrite",
        query: None,
        kind: Kind::Boolean,
    },
    Member {
        name: "includeFromUpstream",
        flag: "include-from-upstream",
        query: None,
        kind: Kind::Boolean,
    },
    Member {
        name: "encryptionKey",
        flag: "encryption-key",
        query: None,
        kind: Kind::Text(&ARN),
    },
    Member {
        name: "tags",
        flag: "tags",
        query: None,
        kind: Kind::List {
            item: &Kind::Structure(&[
                Field {
                    name: "key",
                    kind: &Kind::Text(&TAG_KEY),
                    required: true,
                },
                Field {
                    name: "value",
                    kind: &Kind::Text(&TAG_VALUE),
                    required: true,
                },
            ]),
            max: 200,
        },
    },
    Member {
        name: "packageGroup",
        flag: "package-group",
        query: Some("package-group"),
        kind: Kind::Text(&PACKAGE_GROUP_PATTERN),
    },
    Member {
        name: "packageGroup",
        flag: "package-group",
        query: Some("package-group"),
        kind: Kind::Text(&ANY),
    },
    Member {
        name: "contactInfo",
        flag: "contact-info",
        query: None,
        kind: Kind::Text(&PACKAGE_GROUP_CONTACT_INFO),
    },
    Member {
        name: "description",
        flag: "description",
        query: None,
        kind: Kind::Text(&DESCRIPTION),
    },
    Member {
        name: "upstreams",
        flag: "upstreams",
        query: None,
        kind: Kind::List {
            item: &Kind::Structure(&[Field {
                name: "repositoryName",
                kind: &Kind::Text(&REPOSITORY_NAME),
                required: true,
            }]),
            max: usize::MAX,
        },
    },
    Member {
        name: "policyRevision",
        flag: "policy-revision",
        query: Some("policy-revision"),
        kind: Kind::Text(&POLICY_REVISION),
    },
    Member {
        name: "expectedStatus",
        flag: "expected-status",
        query: None,
        kind: Kind::Text(&PACKAGE_VERSION_STATUS),
    },
    Member {
        name: "packageVersion",
        flag: "package-version",
        query: Some("version"),
        kind: Kind::Text(&PACKAGE_VERSION),
    },
    Member {
        name: "durationSeconds",
        flag: "duration-seconds",
        query: Some("duration"),
        kind: Kind::Integer { min: 0, max: 43200 },
    },
    Member {
        name: "asset",
        flag: "asset",
        query: Some("asset"),
        kind: Kind::Text(&ASSET_NAME),
    },
    Member {
        name: "packageVersionRevision",
        flag: "package-version-revision",
        query: Some("revision"),
        kind: Kind::Text(&PACKAGE_VERSION_REVISION),
    },
    Member {
        name: "endpointType",
        flag: "endpoint-type",
        query: Some("endpointType"),
        kind: Kind::Text(&ENDPOINT_TYPE),
    },
    Member {
        name: "originRestrictionType",
        flag: "origin-restriction-type",
        query: Some("originRestrictionType"),
        kind: Kind::Text(&PACKAGE_GROUP_ORIGIN_RESTRICTION_TYPE),
    },
    Member {
        name: "maxResults",
        flag: "max-results",
        query: Some("max-results"),
        kind: Kind::Integer { min: 1, max: 1000 },
    },
    Member {
        name: "nextToken",
        flag: "next-token",
        query: Some("next-token"),
        kind: Kind::Text(&PAGINATION_TOKEN),
    },
    Member {
        name: "preview",
        flag: "preview",
        query: Some("preview"),
        kind: Kind::Boolean,
    },
    Member {
        name: "prefix",
        flag: "prefix",
        query: Some("prefix"),
        kind: Kind::Text(&PACKAGE_GROUP_PATTERN_PREFIX),
    },
    Member {
        name: "status",
        flag: "status",
        query: Some("status"),
        kind: Kind::Text(&PACKAGE_VERSION_STATUS),
    },
    Member {
        name: "sortBy",
        flag: "sort-by",
        query: Some("sortBy"),
        kind: Kind::Text(&PACKAGE_VERSION_SORT_TYPE),
    },
    Member {
        name: "originType",
        flag: "origin-type",
        query: Some("originType"),
        kind: Kind::Text(&PACKAGE_VERSION_ORIGIN_TYPE),
    },
    Member {
        name: "packagePrefix",
        flag: "package-prefix",
        query: Some("package-prefix"),
        kind: Kind::Text(&PACKAGE_NAME),
    },
    Member {
        name: "publish",
        flag: "publish",
        query: Some("publish"),
        kind: Kind::Text(&ALLOW_PUBLISH),
    },
    Member {
        name: "upstream",
        flag: "upstream",
        query: Some("upstream"),
        kind: Kind::Text(&ALLOW_UPSTREAM),
    },
    Member {
        name: "repositoryPrefix",
        flag: "repository-prefix",
        query: Some("repository-prefix"),
        kind: Kind::Text(&REPOSITORY_NAME),
    },
    Member {
        name: "administratorAccount",
        flag: "administrator-account",
        query: Some("administrator-account"),
        kind: Kind::Text(&ACCOUNT_ID),
    },
    Member {
        name: "resourceArn",
        flag: "resource-arn",
        query: Some("resourceArn"),
        kind: Kind::Text(&ARN),
    },
    Member {
        name: "assetContent",
        flag: "asset-content",
        query: None,
        kind: Kind::Blob,
    },
    Member {
        name: "assetName",
        flag: "asset-name",
        query: Some("asset"),
        kind: Kind::Text(&ASSET_NAME),
    },
    Member {
        name: "assetSHA256",
        flag: "asset-sha256",
        query: None,
        kind: Kind::Text(&SHA256),
    },
    Member {
        name: "unfinished",
        flag: "unfinished",
        query: Some("unfinished"),
        kind: Kind::Boolean,
    },
    Member {
        name: "policyDocument",
        flag: "policy-document",
        query: None,
        kind: Kind::Text(&POLICY_DOCUMENT),
    },
    Member {
        name: "restrictions",
        flag: "restrictions",
        query: None,
        kind: Kind::Structure(&[
            Field {
                name: "publish",
                kind: &Kind::Text(&ALLOW_PUBLISH),
                required: true,
            },
            Field {
                name: "upstream",
                kind: &Kind::Text(&ALLOW_UPSTREAM),
                required: true,
            },
        ]),
    },
    Member {
        name: "tagKeys",
        flag: "tag-keys",
        query: None,
        kind: Kind::List {
            item: &Kind::Text(&TAG_KEY),
            max: 200,
        },
    },
    Member {
        name: "restrictions",
        flag: "restrictions",
        query: None,
        kind: Kind::Map {
            key: &Kind::Text(&PACKAGE_GROUP_ORIGIN_RESTRICTION_TYPE),
            value: &Kind::Text(&PACKAGE_GROUP_ORIGIN_RESTRICTION_MODE),
        },
    },
    Member {
        name: "addAllowedRepositories",
        flag: "add-allowed-repositories",
        query: None,
        kind: Kind::List {
            item: &Kind::Structure(&[
                Field {
                    name: "repositoryName",
                    kind: &Kind::Text(&REPOSITORY_NAME),
                    required: false,
                },
                Field {
                    name: "originRestrictionType",
                    kind: &Kind::Text(&PACKAGE_GROUP_ORIGIN_RESTRICTION_TYPE),
                    required: false,
                },
            ]),
            max: usize::MAX,
        },
    },
    Member {
        name: "removeAllowedRepositories",
        flag: "remove-allowed-repositories",
        query: None,
        kind: Kind::List {
            item: &Kind::Structure(&[
                Field {
                    name: "repositoryName",
                    kind: &Kind::Text(&REPOSITORY_NAME),
                    required: false,
                },
                Field {
                    name: "originRestrictionType",
                    kind: &Kind::Text(&PACKAGE_GROUP_ORIGIN_RESTRICTION_TYPE),
                    required: false,
                },
            ]),
            max: usize::MAX,
        },
    },
    Member {
        name: "targetStatus",
        flag: "target-status",
        query: None,
        kind: Kind::Text(&PACKAGE_VERSION_STATUS),
    },
];
