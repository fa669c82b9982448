; what I use everywhere
{:user {:plugins [[lein-ancient "0.7.0"]]}

 :auth {:repository-auth
        {#"corp\.test" {:username "me", :password "hunter2"}}}}
