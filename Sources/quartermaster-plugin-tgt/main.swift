print("quartermaster-plugin-tgt")
