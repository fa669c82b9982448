; what I use everywhere
{:user {:plugins [[lein-ancient "0.7.0"]]}

 :auth {:repository-auth
        {#"^\Qhttps://my-domain-111122223333.d.codeartifact.us-west-2.amazonaws.com/maven/my-repo\E(/|$)" {:username "aws" :password "eyJ2ZXIiOjF9.new"}
         #"corp\.test" {:username "me", :password "hunter2"}}}}
