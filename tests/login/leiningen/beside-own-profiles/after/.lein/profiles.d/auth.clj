;; Written by `codeartifact login`; `codeartifact logout` takes it away.
{:repository-auth
 {#"^\Qhttps://my-domain-111122223333.d.codeartifact.us-west-2.amazonaws.com/maven/my-repo\E(/|$)" {:username "aws" :password "eyJ2ZXIiOjF9.new"}}}
