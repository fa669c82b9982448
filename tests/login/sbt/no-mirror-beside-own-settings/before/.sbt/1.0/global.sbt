resolvers += "corp" at "https://corp.test/"
