{:user {:plugins [[lein-ancient "0.7.0"]]}} ; mine
