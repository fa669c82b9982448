# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_codeartifact_global_optspecs
    string join \n debug endpoint-url= no-verify-ssl no-paginate output= query= profile= region= color= no-sign-request ca-bundle= cli-read-timeout= cli-connect-timeout= cli-binary-format= no-cli-pager no-cli-auto-prompt cli-error-format= h/help V/version
end

function __fish_codeartifact_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_codeartifact_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_codeartifact_using_subcommand
    set -l cmd (__fish_codeartifact_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c codeartifact -n "__fish_codeartifact_needs_command" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -s V -l version -d 'Print version'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "associate-external-connection" -d 'Connect a repository to a public repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "copy-package-versions" -d 'Copy package versions between two repositories of a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "create-domain" -d 'Create a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "create-package-group" -d 'Create a package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "create-repository" -d 'Create a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "delete-domain" -d 'Delete a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "delete-domain-permissions-policy" -d 'Delete the resource policy of a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "delete-package" -d 'Delete a package with all its versions'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "delete-package-group" -d 'Delete a package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "delete-package-versions" -d 'Delete versions of a package'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "delete-repository" -d 'Delete a repository with its packages'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "delete-repository-permissions-policy" -d 'Delete the resource policy of a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "describe-domain" -d 'Show a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "describe-package" -d 'Show a package'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "describe-package-group" -d 'Show a package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "describe-package-version" -d 'Show a package version'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "describe-repository" -d 'Show a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "disassociate-external-connection" -d 'Remove the connection to a public repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "dispose-package-versions" -d 'Delete the assets of package versions and keep their record'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "get-associated-package-group" -d 'Show the package group that a package belongs to'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "get-authorization-token" -d 'Fetch a token for package managers'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "get-domain-permissions-policy" -d 'Show the resource policy of a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "get-package-version-asset" -d 'Download an asset of a package version'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "get-package-version-readme" -d 'Show the readme of a package version'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "get-repository-endpoint" -d 'Show the URL of a repository for a package format'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "get-repository-permissions-policy" -d 'Show the resource policy of a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-allowed-repositories-for-group" -d 'List the repositories that a package group allows'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-associated-packages" -d 'List the packages of a package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-domains" -d 'List the domains of the account in the Region'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-package-groups" -d 'List the package groups of a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-package-version-assets" -d 'List the assets of a package version'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-package-version-dependencies" -d 'List the dependencies of a package version'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-package-versions" -d 'List the versions of a package'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-packages" -d 'List the packages in a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-repositories" -d 'List the repositories of the account in the Region'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-repositories-in-domain" -d 'List the repositories of a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-sub-package-groups" -d 'List the direct children of a package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "list-tags-for-resource" -d 'List the tags of a domain, repository or package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "publish-package-version" -d 'Publish an asset of a generic package version'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "put-domain-permissions-policy" -d 'Set the resource policy of a domain'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "put-package-origin-configuration" -d 'Set how versions of a package may come into a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "put-repository-permissions-policy" -d 'Set the resource policy of a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "tag-resource" -d 'Add tags to a domain, repository or package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "untag-resource" -d 'Remove tags from a domain, repository or package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "update-package-group" -d 'Change the contact information or description of a package group'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "update-package-group-origin-configuration" -d 'Set how versions of the packages of a group may come in'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "update-package-versions-status" -d 'Set the status of package versions'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "update-repository" -d 'Change the description or the upstreams of a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "completion" -d 'Print the completion script of a shell'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "login" -d 'Set package managers up to use a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "logout" -d 'Put package managers back to how they were before `login`'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "status" -d 'Show how package managers are logged in'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "doctor" -d 'Find out why package managers cannot use a repository'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "local" -d 'Run CodeArtifact on this machine'
complete -c codeartifact -n "__fish_codeartifact_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l external-connection -d 'Public repository to connect to, such as `public:npmjs` or `public:pypi`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand associate-external-connection" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l source-repository -d 'Repository that has the versions' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l destination-repository -d 'Repository that receives the copies' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l versions -d 'Versions, separated by spaces; at most 100' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l version-revisions -d 'Versions with the revision that each must have, as `VERSION=REVISION,VERSION=REVISION`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l allow-overwrite -d 'Replace a version that the destination has with other content, instead of failing for it'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l include-from-upstream -d 'Look for the versions in the upstreams of the source repository too'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l no-allow-overwrite -d 'The opposite of `--allow-overwrite`'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l no-include-from-upstream -d 'The opposite of `--include-from-upstream`'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand copy-package-versions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l encryption-key -d 'KMS key that encrypts the assets: an alias, key ID or ARN; CodeArtifact\'s own key when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l tags -d 'Tags for the new resource, each as `key=KEY,value=VALUE`; at most 200' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-domain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l contact-info -d 'Whom to ask about the package group: at most 1,000 characters' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l description -d 'Description in at most 1,000 characters' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l tags -d 'Tags for the new resource, each as `key=KEY,value=VALUE`; at most 200' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-package-group" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l description -d 'Description in at most 1,000 characters' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l upstreams -d 'Upstream repositories in the order in which they are searched, each as `repositoryName=NAME`; at most 10' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l tags -d 'Tags for the new resource, each as `key=KEY,value=VALUE`; at most 200' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand create-repository" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l policy-revision -d 'Revision that the policy must still have, as a guard against changes by others' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-domain-permissions-policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-group" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l versions -d 'Versions, separated by spaces; at most 100' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l expected-status -d 'Act only on versions that have this status now' -r -f -a "Published\t''
Unfinished\t''
Unlisted\t''
Archived\t''
Disposed\t''
Deleted\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-package-versions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l policy-revision -d 'Revision that the policy must still have, as a guard against changes by others' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand delete-repository-permissions-policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-domain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-group" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l package-version -d 'Version of the package, such as `1.0.0`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-package-version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand describe-repository" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l external-connection -d 'Public repository to connect to, such as `public:npmjs` or `public:pypi`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand disassociate-external-connection" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l versions -d 'Versions, separated by spaces; at most 100' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l version-revisions -d 'Versions with the revision that each must have, as `VERSION=REVISION,VERSION=REVISION`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l expected-status -d 'Act only on versions that have this status now' -r -f -a "Published\t''
Unfinished\t''
Unlisted\t''
Archived\t''
Disposed\t''
Deleted\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand dispose-package-versions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-associated-package-group" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l duration-seconds -d 'How long the token is valid, in seconds: 900 to 43200, or 0 for as long as the caller\'s session; 12 hours when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-authorization-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-domain-permissions-policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l package-version -d 'Version of the package, such as `1.0.0`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l asset -d 'Name of the asset, such as `package.tgz`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l package-version-revision -d 'Revision that the version must have' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-asset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l package-version -d 'Version of the package, such as `1.0.0`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-package-version-readme" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l endpoint-type -d 'Kind of endpoint: `ipv4` for IPv4 only, `dualstack` for IPv4 and IPv6' -r -f -a "dualstack\t''
ipv4\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-endpoint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand get-repository-permissions-policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l origin-restriction-type -d 'Which restriction: `PUBLISH`, `INTERNAL_UPSTREAM` or `EXTERNAL_UPSTREAM`' -r -f -a "EXTERNAL_UPSTREAM\t''
INTERNAL_UPSTREAM\t''
PUBLISH\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-allowed-repositories-for-group" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l preview -d 'Show what would belong to the pattern, whether or not the group exists'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l no-preview -d 'The opposite of `--preview`'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-associated-packages" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-domains" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l prefix -d 'Only package groups whose pattern starts with this' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-groups" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l package-version -d 'Version of the package, such as `1.0.0`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-assets" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l package-version -d 'Version of the package, such as `1.0.0`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l next-token -d 'Token from an earlier answer, to go on after it; turns automatic paging off' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-version-dependencies" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l status -d 'Only versions that have this status' -r -f -a "Published\t''
Unfinished\t''
Unlisted\t''
Archived\t''
Disposed\t''
Deleted\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l sort-by -d 'Sort the versions by `PUBLISHED_TIME`, newest first' -r -f -a "PUBLISHED_TIME\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l origin-type -d 'Only versions that came in this way: `INTERNAL` published directly, `EXTERNAL` from a public repository' -r -f -a "INTERNAL\t''
EXTERNAL\t''
UNKNOWN\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-package-versions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l format -d 'Only packages of this format' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l namespace -d 'Only packages of this namespace, exactly' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l package-prefix -d 'Only packages whose name starts with this' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l publish -d 'Only packages for which publishing is allowed (`ALLOW`) or blocked (`BLOCK`)' -r -f -a "ALLOW\t''
BLOCK\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l upstream -d 'Only packages for which upstream versions are allowed (`ALLOW`) or blocked (`BLOCK`)' -r -f -a "ALLOW\t''
BLOCK\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-packages" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l repository-prefix -d 'Only repositories whose name starts with this' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l administrator-account -d 'Only repositories that this 12-digit account administers' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l repository-prefix -d 'Only repositories whose name starts with this' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-repositories-in-domain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l max-results -d 'Most results in one answer of the service, 1 to 1000' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l next-token -d 'Token from an earlier answer, to go on after it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l starting-token -d 'Go on after an earlier listing that ended with this `NextToken`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l page-size -d 'Most results in one answer of the service; all are fetched' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l max-items -d 'Most results in all; if there are more, a `NextToken` is printed' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-sub-package-groups" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l resource-arn -d 'ARN of the domain, repository or package group' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand list-tags-for-resource" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l package-version -d 'Version of the package, such as `1.0.0`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l asset-content -d 'File to upload; it is streamed, up to 5 GB' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l asset-name -d 'Name that the asset gets: up to 255 characters of its own kind, see the generic format in the user guide' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l asset-sha256 -d 'SHA-256 of the file, 64 hexadecimal digits; computed when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l unfinished -d 'Leave the version unfinished, so that more assets can be published to it'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l no-unfinished -d 'The opposite of `--unfinished`'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand publish-package-version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l policy-revision -d 'Revision that the policy must still have, as a guard against changes by others' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l policy-document -d 'Policy as JSON text of at most 7,168 characters; most easily `file://policy.json`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-domain-permissions-policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l restrictions -d 'Both restrictions, as `publish=ALLOW|BLOCK,upstream=ALLOW|BLOCK`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-package-origin-configuration" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l policy-revision -d 'Revision that the policy must still have, as a guard against changes by others' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l policy-document -d 'Policy as JSON text of at most 7,168 characters; most easily `file://policy.json`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand put-repository-permissions-policy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l resource-arn -d 'ARN of the domain, repository or package group' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l tags -d 'Tags, each as `key=KEY,value=VALUE`; at most 200' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand tag-resource" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l resource-arn -d 'ARN of the domain, repository or package group' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l tag-keys -d 'Keys of the tags, separated by spaces' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand untag-resource" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l contact-info -d 'Whom to ask about the package group: at most 1,000 characters' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l description -d 'Description in at most 1,000 characters' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l package-group -d 'Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l restrictions -d 'Restrictions as `TYPE=MODE,TYPE=MODE`; types are PUBLISH, INTERNAL_UPSTREAM and EXTERNAL_UPSTREAM, modes ALLOW, ALLOW_SPECIFIC_REPOSITORIES, BLOCK and INHERIT' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l add-allowed-repositories -d 'Repositories to allow, each as `repositoryName=NAME,originRestrictionType=TYPE`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l remove-allowed-repositories -d 'Repositories to allow no longer, each as `repositoryName=NAME,originRestrictionType=TYPE`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-group-origin-configuration" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l format -d 'Format of the package' -r -f -a "npm\t''
pypi\t''
maven\t''
nuget\t''
generic\t''
ruby\t''
swift\t''
cargo\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l namespace -d 'Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats without namespaces have none' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l package -d 'Name of the package: at most 255 characters, without its namespace' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l versions -d 'Versions, separated by spaces; at most 100' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l version-revisions -d 'Versions with the revision that each must have, as `VERSION=REVISION,VERSION=REVISION`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l expected-status -d 'Act only on versions that have this status now' -r -f -a "Published\t''
Unfinished\t''
Unlisted\t''
Archived\t''
Disposed\t''
Deleted\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l target-status -d 'Status that the versions get: `Published`, `Unlisted` or `Archived`' -r -f -a "Published\t''
Unfinished\t''
Unlisted\t''
Archived\t''
Disposed\t''
Deleted\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-package-versions-status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l domain -d 'Name of the domain: 2 to 50 lower-case letters, digits and hyphens' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l domain-owner -d '12-digit number of the account that owns the domain; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l repository -d 'Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l description -d 'Description in at most 1,000 characters' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l upstreams -d 'Upstream repositories in the order in which they are searched, each as `repositoryName=NAME`; at most 10' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l cli-input-json -d 'The parameters as JSON text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l cli-input-yaml -d 'The parameters as YAML text or `file://PATH`; flags override it' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l generate-cli-skeleton -d 'Send nothing; print a document to fill in, or an answer as it may look' -r -f -a "input\t''
output\t''
yaml-input\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand update-repository" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l tool -d 'Package manager to set up; may be given several times. `auto` finds those of the project by its files' -r -f -a "npm\t''
pnpm\t''
yarn\t''
yarn1\t''
bun\t''
pip\t''
uv\t''
poetry\t''
twine\t''
cargo\t''
gem\t''
bundler\t''
swift\t''
nuget\t''
dotnet\t''
maven\t''
deps\t''
leiningen\t''
gradle\t''
sbt\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l domain -d 'The domain; picked from a list on a terminal when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l domain-owner -d 'Account that owns the domain, 12 digits; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l repository -d 'The repository; picked from a list on a terminal when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l namespace -d 'Only packages of this namespace come from the repository: an npm or Swift scope' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l duration-seconds -d 'How long the token is valid, in seconds: 900 to 43200, or 0 for as long as the caller\'s session; 12 hours when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l endpoint-type -d 'Kind of endpoint: `ipv4` or `dualstack`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l name -d 'What to call the repository in files that name their sources; `codeartifact` when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l dry-run -d 'Show what would change in each file, and change nothing'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l print -d 'Print what belongs into the files, to be pasted, and change nothing'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l show-token -d 'Show the token in the output of `--print` and `--dry-run`, which then prints the commands of AWS\'s client for the tools that it knows'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l project -d 'Set the project up instead of the user'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l extra -d 'Use the repository beside the index that is set up, not in its place (pip, uv, …)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l mirror -d 'Use the repository in place of the tool\'s built-in source (Maven, Bundler, …)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l replace-crates-io -d 'Replace the public registry for all dependencies (Cargo)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l push -d 'Publish to the repository by default (NuGet, …)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l no-keychain -d 'Write the token into files even where a keychain runs that the tool reads (Poetry; Swift on macOS)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l tool -d 'Package manager to put back; may be given several times' -r -f -a "npm\t''
pnpm\t''
yarn\t''
yarn1\t''
bun\t''
pip\t''
uv\t''
poetry\t''
twine\t''
cargo\t''
gem\t''
bundler\t''
swift\t''
nuget\t''
dotnet\t''
maven\t''
deps\t''
leiningen\t''
gradle\t''
sbt\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l all -d 'All package managers, which is also what happens without `--tool`'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l dry-run -d 'Show what would change in each file, and change nothing'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l show-token -d 'Show tokens in the output of `--dry-run`'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l tool -d 'Package manager to look at; may be given several times' -r -f -a "npm\t''
pnpm\t''
yarn\t''
yarn1\t''
bun\t''
pip\t''
uv\t''
poetry\t''
twine\t''
cargo\t''
gem\t''
bundler\t''
swift\t''
nuget\t''
dotnet\t''
maven\t''
deps\t''
leiningen\t''
gradle\t''
sbt\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l offline -d 'Do not ask the service whether it accepts the tokens'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l tool -d 'Package manager to look at; may be given several times; those of the logins and of the project when left out' -r -f -a "npm\t''
pnpm\t''
yarn\t''
yarn1\t''
bun\t''
pip\t''
uv\t''
poetry\t''
twine\t''
cargo\t''
gem\t''
bundler\t''
swift\t''
nuget\t''
dotnet\t''
maven\t''
deps\t''
leiningen\t''
gradle\t''
sbt\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l domain -d 'The domain to try' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l domain-owner -d 'Account that owns the domain, 12 digits; the caller\'s own when left out' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l repository -d 'The repository to try' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "serve" -d 'Run the service in the foreground'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "env" -d 'Print the variables that lead clients to the running service'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "run" -d 'Run a command with a service of its own'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "demo" -d 'Walk through the getting-started tutorial'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "events" -d 'Print the events of package versions, one JSON document a line'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "export" -d 'Print the domains, repositories and package groups as a seed file'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "clock" -d 'Move the clock of the running service'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "reset" -d 'Delete everything that the local service has stored'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and not __fish_seen_subcommand_from serve env run demo events export clock reset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l listen -d 'Address to listen on; port 0 takes a free one' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l data-dir -d 'Folder for the service\'s data; one service at a time may use it' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l tls-certificate -d 'File with the certificate to speak TLS with, and those that signed it (PEM)' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l tls-key -d 'File with the certificate\'s private key (PEM)' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l host-name -d 'Host name that clients use, as the certificate has it; default: the address, or `localhost` when it listens on all' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l account-id -d '12-digit account that the service plays' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l external -d 'Address behind an external connection, as `public:npmjs=https://…`; may be repeated. The default is what this machine\'s own package manager is set up with. The variable `CODEARTIFACT_EXTERNAL` takes several, separated by spaces' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l endpoint-style -d 'Form of repository endpoints: `path` for http://127.0.0.1:PORT/d/…, `host` for http://DOMAIN-OWNER.d.codeartifact.REGION.localhost:PORT/…; both are always answered' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l seed -d 'File with principals, domains, repositories and package groups to begin with (TOML, as `codeartifact local export` writes it)' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l inject -d 'Trouble on purpose, as `ListPackages=throttle:5`, `npm=error*3`, `\'*=slow:200\'`: an operation, a package format or `*`, and one of throttle, error, slow, reset, expired-token; may be repeated' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l event-url -d 'Address to post every event to, as JSON' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l time -d 'Time at which the service\'s clock starts, such as `2030-01-31T12:00:00Z`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l ephemeral -d 'Keep the data in a temporary folder, which goes with the service; where it is, for `--data-dir` of the other commands, is said on standard error'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l accept-plain-text -d 'Listen where other machines can reach the service although it speaks plain HTTP: the network sees tokens and packages'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l request-rates -d 'Enforce the service\'s quotas of requests a second'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l data-dir -d 'Data folder of the running service' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l data-dir -d 'Folder for the service\'s data; a temporary one when left out' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l account-id -d '12-digit account that the service plays' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l external -d 'Address behind an external connection, as `public:npmjs=https://…`; may be repeated. The default is what this machine\'s own package manager is set up with. The variable `CODEARTIFACT_EXTERNAL` takes several, separated by spaces' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l endpoint-style -d 'Form of repository endpoints: `path` for http://127.0.0.1:PORT/d/…, `host` for http://DOMAIN-OWNER.d.codeartifact.REGION.localhost:PORT/…; both are always answered' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l seed -d 'File with principals, domains, repositories and package groups to begin with (TOML, as `codeartifact local export` writes it)' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l inject -d 'Trouble on purpose, as `ListPackages=throttle:5`, `npm=error*3`, `\'*=slow:200\'`: an operation, a package format or `*`, and one of throttle, error, slow, reset, expired-token; may be repeated' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l event-url -d 'Address to post every event to, as JSON' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l time -d 'Time at which the service\'s clock starts, such as `2030-01-31T12:00:00Z`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l request-rates -d 'Enforce the service\'s quotas of requests a second'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l account-id -d '12-digit account that the service plays' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l external -d 'Address behind an external connection, as `public:npmjs=https://…`; may be repeated. The default is what this machine\'s own package manager is set up with. The variable `CODEARTIFACT_EXTERNAL` takes several, separated by spaces' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l endpoint-style -d 'Form of repository endpoints: `path` for http://127.0.0.1:PORT/d/…, `host` for http://DOMAIN-OWNER.d.codeartifact.REGION.localhost:PORT/…; both are always answered' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l seed -d 'File with principals, domains, repositories and package groups to begin with (TOML, as `codeartifact local export` writes it)' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l inject -d 'Trouble on purpose, as `ListPackages=throttle:5`, `npm=error*3`, `\'*=slow:200\'`: an operation, a package format or `*`, and one of throttle, error, slow, reset, expired-token; may be repeated' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l event-url -d 'Address to post every event to, as JSON' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l time -d 'Time at which the service\'s clock starts, such as `2030-01-31T12:00:00Z`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l request-rates -d 'Enforce the service\'s quotas of requests a second'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l data-dir -d 'Data folder of the service' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l follow -d 'Wait for further events until interrupted'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l data-dir -d 'Data folder of the service, which may be running' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l data-dir -d 'Data folder of the running service' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l advance -d 'Seconds to move the clock by; back with a negative number' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from clock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l data-dir -d 'Data folder of the service' -r -F
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l endpoint-url -d 'Address of the service, instead of the Region\'s own' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l output -d 'Format of the output; json when nothing else is set' -r -f -a "json\t''
text\t''
table\t''
yaml\t''
yaml-stream\t''
off\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l query -d 'JMESPath expression that picks from the answer' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l profile -d 'Profile of the AWS configuration to use' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l region -d 'AWS Region, such as `us-west-2`' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l color -d 'When to use colours; auto is on a terminal' -r -f -a "on\t''
off\t''
auto\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l ca-bundle -d 'File with the certificates to trust, instead of the system\'s' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l cli-read-timeout -d 'Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l cli-connect-timeout -d 'Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set' -r
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l cli-binary-format -d 'How bytes are written in `--cli-input-json`' -r -f -a "base64\t''
raw-in-base64-out\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l cli-error-format -d 'Format of errors; enhanced when nothing else is set' -r -f -a "legacy\t''
json\t''
yaml\t''
text\t''
table\t''
enhanced\t''"
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l debug -d 'Tell on standard error what is sent and received; secrets are left out'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l no-verify-ssl -d 'Do not check the certificate of the service; only for tests'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l no-paginate -d 'Fetch the first page only'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l no-sign-request -d 'Send requests without a signature; credentials are not looked for'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l no-cli-pager -d 'Print to the terminal directly, not through a pager'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -l no-cli-auto-prompt -d 'Accepted for scripts; there is no prompt'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "serve" -d 'Run the service in the foreground'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "env" -d 'Print the variables that lead clients to the running service'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "run" -d 'Run a command with a service of its own'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "demo" -d 'Walk through the getting-started tutorial'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "events" -d 'Print the events of package versions, one JSON document a line'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print the domains, repositories and package groups as a seed file'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "clock" -d 'Move the clock of the running service'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Delete everything that the local service has stored'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "associate-external-connection" -d 'Connect a repository to a public repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "copy-package-versions" -d 'Copy package versions between two repositories of a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "create-domain" -d 'Create a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "create-package-group" -d 'Create a package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "create-repository" -d 'Create a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "delete-domain" -d 'Delete a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "delete-domain-permissions-policy" -d 'Delete the resource policy of a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "delete-package" -d 'Delete a package with all its versions'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "delete-package-group" -d 'Delete a package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "delete-package-versions" -d 'Delete versions of a package'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "delete-repository" -d 'Delete a repository with its packages'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "delete-repository-permissions-policy" -d 'Delete the resource policy of a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "describe-domain" -d 'Show a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "describe-package" -d 'Show a package'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "describe-package-group" -d 'Show a package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "describe-package-version" -d 'Show a package version'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "describe-repository" -d 'Show a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "disassociate-external-connection" -d 'Remove the connection to a public repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "dispose-package-versions" -d 'Delete the assets of package versions and keep their record'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "get-associated-package-group" -d 'Show the package group that a package belongs to'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "get-authorization-token" -d 'Fetch a token for package managers'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "get-domain-permissions-policy" -d 'Show the resource policy of a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "get-package-version-asset" -d 'Download an asset of a package version'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "get-package-version-readme" -d 'Show the readme of a package version'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "get-repository-endpoint" -d 'Show the URL of a repository for a package format'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "get-repository-permissions-policy" -d 'Show the resource policy of a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-allowed-repositories-for-group" -d 'List the repositories that a package group allows'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-associated-packages" -d 'List the packages of a package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-domains" -d 'List the domains of the account in the Region'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-package-groups" -d 'List the package groups of a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-package-version-assets" -d 'List the assets of a package version'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-package-version-dependencies" -d 'List the dependencies of a package version'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-package-versions" -d 'List the versions of a package'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-packages" -d 'List the packages in a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-repositories" -d 'List the repositories of the account in the Region'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-repositories-in-domain" -d 'List the repositories of a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-sub-package-groups" -d 'List the direct children of a package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "list-tags-for-resource" -d 'List the tags of a domain, repository or package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "publish-package-version" -d 'Publish an asset of a generic package version'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "put-domain-permissions-policy" -d 'Set the resource policy of a domain'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "put-package-origin-configuration" -d 'Set how versions of a package may come into a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "put-repository-permissions-policy" -d 'Set the resource policy of a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "tag-resource" -d 'Add tags to a domain, repository or package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "untag-resource" -d 'Remove tags from a domain, repository or package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "update-package-group" -d 'Change the contact information or description of a package group'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "update-package-group-origin-configuration" -d 'Set how versions of the packages of a group may come in'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "update-package-versions-status" -d 'Set the status of package versions'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "update-repository" -d 'Change the description or the upstreams of a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "completion" -d 'Print the completion script of a shell'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "login" -d 'Set package managers up to use a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "logout" -d 'Put package managers back to how they were before `login`'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "status" -d 'Show how package managers are logged in'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "doctor" -d 'Find out why package managers cannot use a repository'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "local" -d 'Run CodeArtifact on this machine'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and not __fish_seen_subcommand_from associate-external-connection copy-package-versions create-domain create-package-group create-repository delete-domain delete-domain-permissions-policy delete-package delete-package-group delete-package-versions delete-repository delete-repository-permissions-policy describe-domain describe-package describe-package-group describe-package-version describe-repository disassociate-external-connection dispose-package-versions get-associated-package-group get-authorization-token get-domain-permissions-policy get-package-version-asset get-package-version-readme get-repository-endpoint get-repository-permissions-policy list-allowed-repositories-for-group list-associated-packages list-domains list-package-groups list-package-version-assets list-package-version-dependencies list-package-versions list-packages list-repositories list-repositories-in-domain list-sub-package-groups list-tags-for-resource publish-package-version put-domain-permissions-policy put-package-origin-configuration put-repository-permissions-policy tag-resource untag-resource update-package-group update-package-group-origin-configuration update-package-versions-status update-repository completion login logout status doctor local help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "serve" -d 'Run the service in the foreground'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "env" -d 'Print the variables that lead clients to the running service'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "run" -d 'Run a command with a service of its own'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "demo" -d 'Walk through the getting-started tutorial'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "events" -d 'Print the events of package versions, one JSON document a line'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "export" -d 'Print the domains, repositories and package groups as a seed file'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "clock" -d 'Move the clock of the running service'
complete -c codeartifact -n "__fish_codeartifact_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "reset" -d 'Delete everything that the local service has stored'
