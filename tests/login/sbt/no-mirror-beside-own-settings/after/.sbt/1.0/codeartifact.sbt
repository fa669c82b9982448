// Written by `codeartifact login`; `codeartifact logout` takes it away.
credentials += Credentials(Path.userHome / ".sbt" / "codeartifact.credentials")
resolvers += ("codeartifact" at "https://my-domain-111122223333.d.codeartifact.us-west-2.amazonaws.com/maven/my-repo/")
